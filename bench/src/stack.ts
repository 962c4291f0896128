import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect, createAdmin, migrate } from '@longshore/db';
import { startPostgres } from '@longshore/local-postgres';

/** A running system: PostgreSQL with fsync and synchronous_commit on, one API process, and an org with keys. */
export interface Stack {
  apiUrl: string;
  databaseUrl: string;
  submitKey: string;
  workerKey: string;
  /** Starts a worker process and resolves once its session is open. */
  startWorker(options: { concurrency: number }): Promise<ChildProcess>;
  stop(): Promise<void>;
}

export const startStack = async (): Promise<Stack> => {
  const postgres = await startPostgres({
    isDurable: true,
    settings: { shared_buffers: '512MB', max_wal_size: '4GB' },
  });
  await migrate(postgres.url);
  const keys = await createKeys(postgres.url);
  const api = await spawnReady(sourceOf('../../apps/api/src/server.ts'), /listening on (\S+)/, {
    DATABASE_URL: postgres.url,
    LONGSHORE_PORT: '0',
    LONGSHORE_LOG_LEVEL: 'warn',
  });
  const workers: ChildProcess[] = [];
  return {
    apiUrl: api.match,
    databaseUrl: postgres.url,
    ...keys,
    startWorker: async ({ concurrency }) => {
      const worker = await spawnReady(sourceOf('./worker-process.ts'), /(ready)/, {
        LONGSHORE_URL: api.match,
        LONGSHORE_API_KEY: keys.workerKey,
        CONCURRENCY: String(concurrency),
      });
      workers.push(worker.child);
      return worker.child;
    },
    stop: async () => {
      for (const child of [...workers, api.child]) await endProcess(child);
      await postgres.stop();
    },
  };
};

const createKeys = async (url: string): Promise<{ submitKey: string; workerKey: string }> => {
  const db = connect({ url, poolSize: 1 });
  const admin = createAdmin(db);
  await admin.createOrg('bench');
  const orgId = await admin.orgIdOf('bench');
  const submit = await admin.createKey(orgId, { role: 'admin', name: 'bench' });
  const worker = await admin.registerWorker(orgId, { name: 'bench' });
  await db.close();
  return { submitKey: submit.apiKey, workerKey: worker.apiKey };
};

const sourceOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const spawnReady = async (file: string, ready: RegExp, env: Record<string, string>) => {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const match = ready.exec(line);
    if (match) {
      child.stdout.resume();
      return { child, match: match[1]! };
    }
  }
  throw new Error(`${file} ended before it was ready`);
};

/** Ends a process that this run started, and waits until it is gone. */
export const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
};
