import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect, createAdmin, createLogins, migrate, urlForLogin } from '@longshore/db';
import { type RunningPostgres, startPostgres } from '@longshore/local-postgres';
import { createClient } from '@longshore/sdk';
import { endProcess, spawnApi } from '@longshore/test-kit/processes';
import { noop, noopPayload, stamp } from './jobs.ts';
import { createOwnDatabase } from './own-database.ts';
import { readSql } from './sql-file.ts';
import { pidOf, type Subject, startSubjectWorker } from './subject.ts';

/** One PostgreSQL for all, with fsync and synchronous_commit on, and room for the connections of many processes. */
export const startDatabase = (settings: Record<string, string> = {}): Promise<RunningPostgres> =>
  startPostgres({
    isDurable: true,
    settings: { shared_buffers: '512MB', max_wal_size: '4GB', max_connections: '400', ...settings },
  });

const clear = readSql('./sql/clear-longshore.sql', import.meta.url);

/** Longshore, the whole path over HTTP: an API process, and worker processes that hold only a key. */
export const openLongshore = async (serverUrl: string): Promise<Subject> => {
  const database = await createOwnDatabase(serverUrl, 'longshore');
  await migrate(database.url);
  const { apiDatabaseUrl, submitKey, workerKey } = await createAccess(database.url);
  const api = await spawnApi(apiDatabaseUrl);
  const client = createClient({ url: api.match, apiKey: submitKey });
  return {
    name: 'longshore',
    version: readVersion(),
    settings: 'one API process',
    serverPids: [pidOf(api.child)],
    submitOne: () => client.submit(noop, noopPayload),
    submitMany: (count) => client.submitMany(Array.from({ length: count }, () => noop.request(noopPayload))),
    submitStamp: () => client.submit(stamp, {}),
    startWorker: ({ concurrency, jobs = 0 }) =>
      startSubjectWorker(fileURLToPath(new URL('./worker-process.ts', import.meta.url)), {
        LONGSHORE_URL: api.match,
        LONGSHORE_API_KEY: workerKey,
        CONCURRENCY: String(concurrency),
        JOBS: String(jobs),
      }),
    clear: () => database.pool.query(clear).then(() => {}),
    close: async () => {
      await client.close();
      await endProcess(api.child);
      await database.drop();
    },
  };
};

const readVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
    .version;

const createAccess = async (
  url: string,
): Promise<{ apiDatabaseUrl: string; submitKey: string; workerKey: string }> => {
  const db = connect({ url, poolSize: 1 });
  const admin = createAdmin(db);
  await admin.createOrg('bench');
  const orgId = await admin.orgIdOf('bench');
  const submit = await admin.createKey(orgId, { role: 'admin', name: 'bench' });
  const worker = await admin.registerWorker(orgId, { name: 'bench' });
  const login = 'longshore_bench_api';
  const apiDatabaseUrl = urlForLogin(url, login, await createLogins(db).ensureLogin({ login, role: 'api' }));
  await db.close();
  return { apiDatabaseUrl, submitKey: submit.apiKey, workerKey: worker.apiKey };
};
