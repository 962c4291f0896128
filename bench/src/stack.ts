import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect, createAdmin, createLogins, migrate, urlForLogin } from '@longshore/db';
import { startPostgres } from '@longshore/local-postgres';

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
  const api = await spawnReady(sourceOf('../../apps/api/src/server.ts'), /listening on (\S+)/, {
    DATABASE_URL: apiDatabaseUrl,
    LONGSHORE_PORT: '0',
    LONGSHORE_LOG_LEVEL: 'warn',
  });
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

/** Starts a Node process and resolves at the first line that matches; the lines after it are the caller's to read. */
const spawnReady = async (file: string, ready: RegExp, env: Record<string, string>) => {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const match = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${file} ended before it was ready`)));
    lines.on('line', (line) => {
      const found = ready.exec(line);
      if (found) resolve(found[1]!);
    });
  });
  return { child, lines, match };
};

/** Ends a process that this run started, and waits until it is gone. */
export const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
};
