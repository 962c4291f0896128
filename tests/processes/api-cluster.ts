import { connect, createAdmin, createLogins, type Database, migrate, urlForLogin } from '@longshore/db';
import { startPostgres } from '@longshore/local-postgres';
import { endProcess, spawnApi } from '@longshore/test-kit/processes';

/** Several API processes on one PostgreSQL of their own, and an owner's connection to look behind them. */
export interface ApiCluster {
  urls: string[];
  pids: number[];
  /** Of the owner of the schema. */
  databaseUrl: string;
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
  /** Flushes commits to disk. Default false. */
  isDurable?: boolean;
  /** Settings of the API by their environment names; a function is told the URL that the API connects with. */
  env?: Settings | ((databaseUrl: string) => Promise<Settings>);
}

export const startApiCluster = async ({
  processes,
  isDurable = false,
  env = {},
}: ApiClusterOptions): Promise<ApiCluster> => {
  const postgres = await startPostgres({ isDurable });
  await migrate(postgres.url);
  const db = connect({ url: postgres.url, poolSize: 4 });
  const admin = createAdmin(db);
  await admin.createOrg('acme');
  const orgId = await admin.orgIdOf('acme');
  const login = 'longshore_cluster_api';
  const apiUrl = urlForLogin(postgres.url, login, await createLogins(db).ensureLogin({ login, role: 'api' }));
  const settings = typeof env === 'function' ? await env(apiUrl) : env;
  const children = await Promise.all(Array.from({ length: processes }, () => spawnApi(apiUrl, settings)));
  return {
    urls: children.map(({ match }) => match),
    pids: children.map(({ child }) => child.pid!),
    databaseUrl: postgres.url,
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
