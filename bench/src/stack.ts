import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect, createAdmin, createLogins, migrate, urlForLogin } from '@longshore/db';
import { startPostgres } from '@longshore/local-postgres';
import { endProcess, spawnApi, spawnReady } from '@longshore/test-kit/processes';

/** A running system: PostgreSQL with fsync and synchronous_commit on, one API process, and an org with keys. */
export interface Stack {
  apiUrl: string;
  databaseUrl: string;
  submitKey: string;
  workerKey: string;
  /** Starts a worker process. */
  startWorker(options: { concurrency: number; jobs?: number }): Promise<BenchWorker>;
  stop(): Promise<void>;
}

export interface BenchWorker {
  process: ChildProcess;
  /** Resolves once the process has completed as many jobs as it was started for. */
  done: Promise<void>;
  /** Emits `stamp` with the instant, in milliseconds, at which the handler of a completed stamp job began. */
  stamps: EventEmitter<{ stamp: [startedAtMs: number] }>;
}

export const startStack = async (): Promise<Stack> => {
  const postgres = await startPostgres({
    isDurable: true,
    settings: { shared_buffers: '512MB', max_wal_size: '4GB' },
  });
  await migrate(postgres.url);
  const { apiDatabaseUrl, ...keys } = await createAccess(postgres.url);
  const api = await spawnApi(apiDatabaseUrl);
  const workers: ChildProcess[] = [];
  return {
    apiUrl: api.match,
    databaseUrl: postgres.url,
    ...keys,
    startWorker: async ({ concurrency, jobs = 0 }) => {
      const { child, lines } = await spawnReady(sourceOf('./worker-process.ts'), /(ready)/, {
        LONGSHORE_URL: api.match,
        LONGSHORE_API_KEY: keys.workerKey,
        CONCURRENCY: String(concurrency),
        JOBS: String(jobs),
      });
      workers.push(child);
      const done = new Promise<void>((resolve) => lines.on('line', (line) => line === 'done' && resolve()));
      const stamps: BenchWorker['stamps'] = new EventEmitter();
      lines.on('line', (line) => {
        const [word, startedAtMs] = line.split(' ');
        if (word === 'stamped') stamps.emit('stamp', Number(startedAtMs));
      });
      return { process: child, done, stamps };
    },
    stop: async () => {
      for (const child of [...workers, api.child]) await endProcess(child);
      await postgres.stop();
    },
  };
};

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

const sourceOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
