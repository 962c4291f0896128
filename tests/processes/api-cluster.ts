import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect, createAdmin, createLogins, type Database, migrate, urlForLogin } from '@longshore/db';
import { startPostgres } from '@longshore/local-postgres';

/** Several API processes on one PostgreSQL of their own, and an owner's connection to look behind them. */
export interface ApiCluster {
  urls: string[];
  db: Database;
  orgId: number;
  /** Another key of the org. */
  makeKey(role: 'admin' | 'submit'): Promise<string>;
  makeWorker(): Promise<{ id: string; apiKey: string }>;
  stop(): Promise<void>;
}

type Settings = Record<string, string>;

export interface ApiClusterOptions {
  processes: number;
  /** Settings of the API by their environment names; a function is told the URL that the API connects with. */
  env?: Settings | ((databaseUrl: string) => Promise<Settings>);
}

const serverFile = fileURLToPath(new URL('../../apps/api/src/server.ts', import.meta.url));

export const startApiCluster = async ({ processes, env = {} }: ApiClusterOptions): Promise<ApiCluster> => {
  const postgres = await startPostgres({});
  await migrate(postgres.url);
  const db = connect({ url: postgres.url, poolSize: 4 });
  const admin = createAdmin(db);
  await admin.createOrg('acme');
  const orgId = await admin.orgIdOf('acme');
  const login = 'longshore_cluster_api';
  const apiUrl = urlForLogin(postgres.url, login, await createLogins(db).ensureLogin({ login, role: 'api' }));
  const settings = typeof env === 'function' ? await env(apiUrl) : env;
  const children = await Promise.all(Array.from({ length: processes }, () => startApi(apiUrl, settings)));
  return {
    urls: children.map(({ url }) => url),
    db,
    orgId,
    makeKey: async (role) => (await admin.createKey(orgId, { role, name: role })).apiKey,
    makeWorker: () => admin.registerWorker(orgId, { name: 'worker' }),
    stop: async () => {
      await Promise.all(children.map(({ child }) => endProcess(child)));
      await db.close();
      await postgres.stop();
    },
  };
};

const startApi = async (
  databaseUrl: string,
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string }> => {
  const child = spawn(process.execPath, [serverFile], {
    env: {
      ...process.env,
      LONGSHORE_LOG_LEVEL: 'error',
      ...env,
      DATABASE_URL: databaseUrl,
      LONGSHORE_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`an API process ended with ${code} before it was ready`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /listening on (\S+)/.exec(line);
      if (found) resolve(found[1]!);
    });
  });
  return { child, url };
};

const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
};
