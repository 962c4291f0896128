import { type RunningApi, readConfig, type StartOptions, startApi } from '@longshore/api';
import { connect, createAdmin, systemOrgId } from '@longshore/db';
import { afterAll, beforeAll } from 'vitest';
import { openEvidenceLog } from './evidence.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

export interface UseApiOptions {
  /** Settings of the API by their environment names, such as `{ LONGSHORE_SWEEP_SECONDS: '1' }`. */
  env?: Record<string, string>;
  /** Handlers of the program that the API runs in. */
  start?: Pick<StartOptions, 'onWorkerMessage'>;
  /** Where the database is reached by way of; asked before the API starts. */
  reach?: (database: TestDatabase) => Record<'DATABASE_URL' | 'LONGSHORE_LISTEN_DATABASE_URL', string>;
}

export interface TestKeys {
  readonly operator: string;
  readonly admin: string;
  readonly submit: string;
  readonly worker: string;
}

/** An API of a test file's own on a database of its own, with one org and a key of each role. */
export interface TestApi {
  readonly url: string;
  readonly database: TestDatabase;
  readonly org: string;
  readonly orgId: number;
  readonly keys: TestKeys;
  /** Another API process's worth on the same database, with settings of its own. Closed at the end at the latest. */
  startSecondApi(env?: Record<string, string>): Promise<RunningApi>;
  /** Closes the API and starts it again on the same port. */
  restart(): Promise<void>;
  /** Another org with its own keys, to test that tenants do not see each other. */
  addOrg(slug: string): Promise<{ orgId: number; keys: TestKeys }>;
}

/** Starts it before the file's tests, ends it after them. Usable in tests and in hooks registered after it. */
export const useApi = (options: UseApiOptions = {}): TestApi => {
  let started: Awaited<ReturnType<typeof startTestApi>> | undefined;
  beforeAll(async () => {
    started = await startTestApi(options);
  });
  afterAll(() => started?.close());

  const api = (): TestApi => {
    if (!started) throw new Error('The test API starts in beforeAll: use it in tests and later hooks only.');
    return started.api;
  };
  return {
    get url() {
      return api().url;
    },
    get database() {
      return api().database;
    },
    get org() {
      return api().org;
    },
    get orgId() {
      return api().orgId;
    },
    get keys() {
      return api().keys;
    },
    startSecondApi: (env) => api().startSecondApi(env),
    restart: () => api().restart(),
    addOrg: (slug) => api().addOrg(slug),
  };
};

const org = 'test-org';

const startTestApi = async ({
  env = {},
  start: startOptions = {},
  reach = reachAsUsual,
}: UseApiOptions): Promise<{ api: TestApi; close(): Promise<void> }> => {
  const database = await createTestDatabase();
  const start = (port: string, ownEnv: Record<string, string> = {}): Promise<RunningApi> =>
    startApi(
      readConfig({
        LONGSHORE_LOG_LEVEL: 'trace',
        ...reach(database),
        ...env,
        ...ownEnv,
        LONGSHORE_PORT: port,
      }),
      { ...startOptions, logTo: openEvidenceLog() },
    );
  const { orgId, keys } = await addOrg(database.url, org);
  let main = await start('0');
  const others: RunningApi[] = [];
  const api: TestApi = {
    get url() {
      return main.url;
    },
    database,
    org,
    orgId,
    keys,
    startSecondApi: async (ownEnv) => {
      const second = await start('0', ownEnv);
      others.push(second);
      return second;
    },
    restart: async () => {
      const { port } = new URL(main.url);
      await main.close();
      main = await start(port);
    },
    addOrg: (slug) => addOrg(database.url, slug),
  };
  const close = async () => {
    await Promise.all([main, ...others].map((running) => running.close()));
    await database.drop();
  };
  return { api, close };
};

const reachAsUsual = ({ apiUrl, listenUrl }: TestDatabase) => ({
  DATABASE_URL: apiUrl,
  LONGSHORE_LISTEN_DATABASE_URL: listenUrl,
});

const addOrg = async (databaseUrl: string, slug: string): Promise<{ orgId: number; keys: TestKeys }> => {
  const db = connect({ url: databaseUrl, poolSize: 1 });
  try {
    const admin = createAdmin(db);
    await admin.createOrg(slug);
    const orgId = await admin.orgIdOf(slug);
    const keys = {
      operator: (await admin.createKey(systemOrgId, { role: 'operator', name: 'test operator' })).apiKey,
      admin: (await admin.createKey(orgId, { role: 'admin', name: 'test admin' })).apiKey,
      submit: (await admin.createKey(orgId, { role: 'submit', name: 'test submit' })).apiKey,
      worker: (await admin.registerWorker(orgId, { name: 'test worker' })).apiKey,
    };
    return { orgId, keys };
  } finally {
    await db.close();
  }
};
