import { fileURLToPath } from 'node:url';
import { connect, createLogins, migrate, urlForLogin } from '@longshore/db';
import { type RunningPostgres, type StartPostgresOptions, startPostgres } from '@longshore/local-postgres';
import { type Child, startChild } from './child-process.ts';

const apiFile = fileURLToPath(new URL('../../../api/src/server.ts', import.meta.url));
const workerFile = fileURLToPath(new URL('../../../worker/src/main.ts', import.meta.url));

/** PostgreSQL, the API and workers on this machine, each a process of its own, stopped together in the right order. */
export interface LocalStack {
  startPostgres(options: StartPostgresOptions): Promise<RunningPostgres>;
  /** Brings the schema up to date and makes the login that the API connects with. */
  migrate(): Promise<string[]>;
  /** Resolves with its url once it listens. */
  startApi(options: {
    port: number;
    logLevel: string;
    env?: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** Resolves once its session is open. */
  startWorker(options: LocalWorker): Promise<Child>;
  /** All children; whoever runs a stack watches them. */
  readonly children: readonly Child[];
  /** Workers drain, then the API closes, then PostgreSQL stops. */
  stop(options?: { drainMs?: number }): Promise<void>;
}

export interface LocalWorker {
  name: string;
  handlers: string;
  apiKey: string;
  args?: readonly string[];
  /** What its handlers need beside the key. */
  env?: Readonly<Record<string, string>>;
}

/** An empty stack. `onLine` gets what its processes write. */
export const createLocalStack = (onLine?: (name: string, line: string) => void): LocalStack => {
  let starting: Promise<RunningPostgres> | undefined;
  let postgres: RunningPostgres | undefined;
  let apiDatabaseUrl: string | undefined;
  let isStopped = false;
  let api: { child: Child; url: string } | undefined;
  const workers: Child[] = [];

  // Whoever is interrupted stops the stack while the next part is about to be started.
  const requireGoing = (): void => {
    if (isStopped) throw new Error('The stack is stopped.');
  };
  const linesOf = (name: string) => onLine && ((line: string) => onLine(name, line));

  return {
    startPostgres: async (options) => {
      requireGoing();
      starting = startPostgres(options);
      postgres = await starting;
      return postgres;
    },

    migrate: async () => {
      const { url } = requireStarted(postgres);
      const { applied } = await migrate(url);
      apiDatabaseUrl = await createApiLogin(url);
      return applied;
    },

    startApi: async ({ port, logLevel, env }) => {
      requireGoing();
      const child = startChild({
        name: 'api',
        file: apiFile,
        env: {
          ...env,
          DATABASE_URL: requireStarted(apiDatabaseUrl),
          LONGSHORE_PORT: String(port),
          LONGSHORE_LOG_LEVEL: logLevel,
        },
        onLine: linesOf('api'),
      });
      api = { child, url: '' };
      const [, url = ''] = await child.untilLine(/listening on (\S+)/);
      api = { child, url };
      return url;
    },

    startWorker: async ({ name, handlers, apiKey, args = [], env }) => {
      requireGoing();
      const child = startChild({
        name,
        file: workerFile,
        args: ['--handlers', handlers, ...args],
        env: { LONGSHORE_URL: requireStarted(api).url, LONGSHORE_API_KEY: apiKey, ...env },
        onLine: linesOf(name),
      });
      workers.push(child);
      await child.untilLine(/^longshore worker ready/);
      return child;
    },

    get children() {
      return [...(api ? [api.child] : []), ...workers];
    },

    stop: async ({ drainMs = 10_000 } = {}) => {
      isStopped = true;
      await Promise.all(workers.map((worker) => worker.stop({ graceMs: drainMs })));
      await api?.child.stop();
      await (await starting?.catch(() => undefined))?.stop();
    },
  };
};

const requireStarted = <Part>(part: Part | undefined): Part => {
  if (part === undefined)
    throw new Error('The parts of a stack start in order: PostgreSQL, schema, API, workers.');
  return part;
};

const createApiLogin = async (ownerUrl: string): Promise<string> => {
  const login = 'longshore_local_api';
  const db = connect({ url: ownerUrl, poolSize: 1, applicationName: 'longshore-cli' });
  try {
    return urlForLogin(ownerUrl, login, await createLogins(db).ensureLogin({ login, role: 'api' }));
  } finally {
    await db.close();
  }
};
