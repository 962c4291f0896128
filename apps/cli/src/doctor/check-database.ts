import {
  connect,
  createDoctorReads,
  type Database,
  type DoctorReads,
  pendingMigrations,
  type UnservedRoute,
} from '@longshore/db';
import { type Finding, fail, ok, tryCheck, warn } from './finding.ts';

const snapshotSecondsMax = 60;
const unservedShown = 20;

export interface DatabaseCheckUp {
  findings: Finding[];
  /** What the database's clock said, and when this machine heard it; null when it could not be asked. */
  clock: { now: Date; heardAtMs: number } | null;
}

/** Looks at a database: is it there, of a version we know, up to date, prepared for tomorrow, free to clean up? */
export const checkDatabase = async (url: string): Promise<DatabaseCheckUp> => {
  const db = connect({ url, poolSize: 1, applicationName: 'longshore-doctor' });
  try {
    const reads = createDoctorReads(db);
    const findings = await tryCheck(
      'database',
      'Check DATABASE_URL, and that the server accepts connections from here.',
      () => checkVersion(reads),
    );
    if (findings.some(({ level }) => level === 'fail')) return { findings, clock: null };
    const schema = await tryCheck('schema', 'Run the version of Longshore that this database is for.', () =>
      checkSchema(db),
    );
    if (schema.some(({ level }) => level === 'fail'))
      return { findings: [...findings, ...schema], clock: null };
    return {
      findings: [...findings, ...schema, ...(await checkContents(reads))],
      clock: await readClock(reads),
    };
  } finally {
    await db.close();
  }
};

const checkVersion = async (reads: DoctorReads): Promise<Finding> => {
  const { text, number } = await reads.serverVersion();
  const major = Math.floor(number / 10_000);
  if (major < 15)
    return fail('database', `PostgreSQL ${text} is too old`, 'Longshore runs on PostgreSQL 15 to 18.');
  if (major > 18)
    return warn('database', `PostgreSQL ${text} is newer than what we test on`, 'Tested on 15 to 18.');
  return ok('database', `PostgreSQL ${text}`);
};

const checkSchema = async (db: Database): Promise<Finding> => {
  const pending = await pendingMigrations(db.pool);
  return pending.length === 0
    ? ok('schema', 'up to date')
    : fail(
        'schema',
        `${pending.length} migrations are pending: ${pending.join(', ')}`,
        'Run: longshore migrate',
      );
};

const checkContents = async (reads: DoctorReads): Promise<Finding[]> => {
  const advice = 'This check could not be made; is the role allowed to read the schema longshore?';
  return [
    ...(await tryCheck('partitions', advice, () => checkPartitions(reads))),
    ...(await tryCheck('snapshots', advice, () => checkSnapshots(reads))),
    ...(await tryCheck('routes', advice, () => checkRoutes(reads))),
  ];
};

const checkPartitions = async (reads: DoctorReads): Promise<Finding> => {
  const days = await reads.preparedDays();
  return days >= 2
    ? ok('partitions', `prepared for ${days} days`)
    : fail(
        'partitions',
        `prepared for ${days} days only`,
        'Is an API process running? Or run: longshore migrate',
      );
};

const checkSnapshots = async (reads: DoctorReads): Promise<Finding | Finding[]> => {
  const held = await reads.heldSnapshots(snapshotSecondsMax);
  if (held.length === 0) return ok('snapshots', `none held for longer than ${snapshotSecondsMax} s`);
  return held.map(({ pid, application, seconds }) =>
    warn(
      'snapshots',
      `process ${pid} (${application || 'no application name'}) has held one for ${seconds} s`,
      'Nothing that finished since can be cleaned up. End the transaction, or: select pg_terminate_backend(pid)',
    ),
  );
};

const checkRoutes = async (reads: DoctorReads): Promise<Finding | Finding[]> => {
  const unserved = await reads.unservedRoutes(unservedShown);
  if (unserved.length === 0) return ok('routes', 'a worker is there for every job that waits');
  return unserved.map((route) =>
    warn(
      'routes',
      `no open worker may take jobs of ${describeRoute(route)}`,
      'Start one that has the handler, the queue and the capabilities; or cancel the jobs.',
    ),
  );
};

const describeRoute = ({ org, queue, kind, requiredCapabilities }: UnservedRoute): string => {
  const needs = requiredCapabilities.length > 0 ? ` requiring ${requiredCapabilities.join(', ')}` : '';
  return `${kind}${needs} in queue ${queue} of org ${org}`;
};

const readClock = async (reads: DoctorReads): Promise<DatabaseCheckUp['clock']> => {
  try {
    return { now: await reads.now(), heardAtMs: Date.now() };
  } catch {
    return null;
  }
};
