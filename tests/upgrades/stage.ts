import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { eventually, spawnReady } from '@longshore/test-kit/processes';
import pg from 'pg';
import { type Balancer, startBalancer } from './balancer.ts';
import { type Caller, startCaller } from './caller.ts';
import { type Crew, createCrew } from './crew.ts';
import { startLockWatch } from './lock-watch.ts';

/** A database that an old release has made, a crew of processes on it behind one address, and somebody who calls. */
export interface Stage extends Pick<Crew, 'startApi' | 'startWorker' | 'endApi' | 'refusals'> {
  balancer: Balancer;
  startCaller(jobsPerSecond: number): Caller;
  /** Runs the migrator of the working tree; answers how long each relation was locked, in milliseconds. */
  migrate(schema?: { folder: string; version: string }): Promise<Map<string, number>>;
  /** Resolves once so many more jobs are completed. */
  untilCompleted(more: number): Promise<void>;
  /** How many of these jobs are not completed. */
  countMissing(ids: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

export const openStage = async (adminUrl: string, oldFolder: string): Promise<Stage> => {
  const name = `longshore_upgrade_${randomBytes(6).toString('hex')}`;
  await runOn(adminUrl, `create database ${name}`);
  const url = Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => {});
  const balancer = await startBalancer();
  const { apiUrl, submitKey, workerKey } = await prepare(url, oldFolder, name);
  const crew = createCrew({ apiUrl, workerKey, url: balancer.url });
  const callers: Caller[] = [];
  return {
    ...crew,
    balancer,
    startCaller: (jobsPerSecond) => {
      const caller = startCaller({ url: balancer.url, apiKey: submitKey, jobsPerSecond });
      callers.push(caller);
      return caller;
    },
    migrate: (schema) => migrateWatched(url, schema),
    untilCompleted: async (more) => {
      const goal = (await countCompleted(pool)) + more;
      await eventually(async () => (await countCompleted(pool)) >= goal, { timeoutMs: 120_000, pollMs: 100 });
    },
    countMissing: async (ids) => (await pool.query(missing, [ids])).rows.length,
    close: async () => {
      await Promise.all(callers.map((caller) => caller.stop()));
      await crew.end();
      await balancer.close();
      await pool.end();
      await runOn(adminUrl, `drop database ${name} with (force)`);
      await runOn(adminUrl, `drop role if exists ${name}`);
    },
  };
};

interface Prepared {
  apiUrl: string;
  submitKey: string;
  workerKey: string;
}

const prepare = async (url: string, release: string, login: string): Promise<Prepared> => {
  const env = { RELEASE: release, OWNER_URL: url, API_LOGIN: login };
  return JSON.parse(
    (await spawnReady(script('prepare-process.ts'), /^prepared (.*)$/, env)).match,
  ) as Prepared;
};

const migrateWatched = async (
  url: string,
  schema?: { folder: string; version: string },
): Promise<Map<string, number>> => {
  const watch = await startLockWatch(url);
  try {
    await spawnReady(script('migrate-process.ts'), /^(migrated)$/, {
      MIGRATE_URL: url,
      ...(schema && { SCHEMA_FOLDER: schema.folder, SCHEMA_VERSION: schema.version }),
    });
  } finally {
    await watch.stop();
  }
  return watch.longestMs;
};

const countCompleted = async (pool: pg.Pool): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*)::int as count from longshore.finished_jobs where state = 'completed'",
  );
  return rows[0]!.count;
};

const missing = `
  select ids.id
  from unnest($1::uuid[]) as ids (id)
  where not exists (
    select from longshore.finished_jobs as done where done.id = ids.id and done.state = 'completed'
  )`;

const script = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

const runOn = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};
