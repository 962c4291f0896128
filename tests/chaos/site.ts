import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, createAdmin, createLogins, migrate, urlForLogin } from '@longshore/db';
import pg from 'pg';
import { createSeat, type Seat } from './cast.ts';
import { type Network, openNetwork } from './network.ts';
import { type ChaosPostgres, startChaosPostgres } from './postgres.ts';
import type { Tier } from './tiers.ts';

export interface ChaosOrg {
  id: number;
  slug: string;
  adminKey: string;
  workerKey: string;
  ledgerFolder: string;
}

/** All that takes part in a run: the database, the processes, the lines between them. */
export interface Site {
  tier: Tier;
  /** Holds the data, the ledger and the logs. */
  home: string;
  orgs: ChaosOrg[];
  postgres: ChaosPostgres;
  network: Network;
  /** Where workers and submitters call. */
  url: string;
  apis: Seat[];
  workers: Seat[];
  /** Processes that ended though nobody had ended them. */
  surprises: string[];
  /** Runs one statement past the network, as the owner of the database. Rejects while the database is away. */
  observe<Row extends pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
  /** Rejects when that takes longer than five minutes. */
  untilAllReady(): Promise<void>;
  /** For good; notes who had to be killed. */
  endWorkers(): Promise<void>;
  /** Ends what is left, and removes `home` unless it is to be kept. */
  close(options: { isKept: boolean }): Promise<void>;
}

/** Both far beyond what is needed: a machine that stalls is no broken promise. */
const readyMsMax = 300_000;
const endMsMax = 120_000;
const allSlugs = ['ash', 'birch', 'cedar', 'dogwood', 'elm', 'fir'];
const fileHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts everything and resolves once every process is ready. */
export const openSite = async (tier: Tier, seed: number): Promise<Site> => {
  const home = mkdtempSync(join(tmpdir(), 'longshore-chaos-'));
  chmodSync(home, 0o755);
  mkdirSync(join(home, 'logs'));
  const postgres = await startChaosPostgres(join(home, 'postgres'));
  const { orgs, apiUrl } = await furnish(postgres.url, home, allSlugs.slice(0, tier.orgs));
  const surprises: string[] = [];
  const seatAt = (name: string) => ({
    name,
    logFile: join(home, 'logs', `${name}.log`),
    onSurprise: (told: string) => void surprises.push(told),
  });

  const apis: Seat[] = [];
  const network = await openNetwork({
    databasePort: postgres.port,
    apis: tier.apis,
    apiSeats: () => apis,
    seed,
  });
  const url = `http://127.0.0.1:${network.door.port}`;
  for (const [place, lines] of network.apiLines.entries()) {
    apis.push(
      createSeat({
        ...seatAt(`api-${place}`),
        file: fileHere('../../apps/api/src/server.ts'),
        env: {
          DATABASE_URL: withPort(apiUrl, lines.database.port),
          LONGSHORE_LISTEN_DATABASE_URL: withPort(apiUrl, lines.listen.port),
          LONGSHORE_PORT: '0',
          LONGSHORE_LOG_LEVEL: 'error',
        },
        ready: /listening on (\S+)/,
      }),
    );
  }
  const workers = Array.from({ length: tier.workers }, (_, place) => {
    const org = orgs[place % orgs.length]!;
    const name = `worker-${place}`;
    return createSeat({
      ...seatAt(name),
      file: fileHere('./worker-process.ts'),
      env: {
        CHAOS_URL: url,
        CHAOS_KEY: org.workerKey,
        CHAOS_LEDGER: join(org.ledgerFolder, `${name}.jsonl`),
        CHAOS_LEASE: String(tier.leaseSeconds),
        CHAOS_CONCURRENCY: String(tier.concurrency),
      },
      ready: /worker ready (\d+)/,
    });
  });

  const endWorkers = async (): Promise<void> => {
    await Promise.all(
      workers.splice(0).map(async (seat) => {
        if (!(await seat.end(endMsMax))) surprises.push(`${seat.name} did not end when it was asked to`);
      }),
    );
  };
  const untilAllReady = async (): Promise<void> => {
    const deadlineMs = performance.now() + readyMsMax;
    for (;;) {
      const missing = [...apis, ...workers].filter(({ match }) => match === undefined);
      if (missing.length === 0) return;
      if (performance.now() > deadlineMs)
        throw new Error(`not ready: ${missing.map(({ name }) => name).join(', ')}; see ${home}`);
      await delay(50);
    }
  };
  const site: Site = {
    tier,
    home,
    orgs,
    postgres,
    network,
    url,
    apis,
    workers,
    surprises,
    observe: (sql, params) => observe(postgres.url, sql, params),
    untilAllReady,
    endWorkers,
    close: async ({ isKept }) => {
      await endWorkers();
      await Promise.all(apis.splice(0).map((seat) => seat.end(endMsMax)));
      await network.close();
      await postgres.stop();
      if (!isKept) rmSync(home, { recursive: true, force: true });
    },
  };
  await untilAllReady();
  return site;
};

/** The schema, the orgs with their keys, and a login such as a deployed API has. */
const furnish = async (
  url: string,
  home: string,
  slugs: readonly string[],
): Promise<{ orgs: ChaosOrg[]; apiUrl: string }> => {
  await migrate(url);
  const db = connect({ url, poolSize: 1 });
  try {
    const admin = createAdmin(db);
    const orgs: ChaosOrg[] = [];
    for (const slug of slugs) {
      await admin.createOrg(slug);
      const id = await admin.orgIdOf(slug);
      const { apiKey: adminKey } = await admin.createKey(id, { role: 'admin', name: 'harness' });
      const { apiKey: workerKey } = await admin.registerWorker(id, { name: 'worker' });
      const ledgerFolder = join(home, 'ledger', slug);
      mkdirSync(ledgerFolder, { recursive: true });
      orgs.push({ id, slug, adminKey, workerKey, ledgerFolder });
    }
    const login = 'longshore_chaos_api';
    const password = await createLogins(db).ensureLogin({ login, role: 'api' });
    return { orgs, apiUrl: urlForLogin(url, login, password) };
  } finally {
    await db.close();
  }
};

const withPort = (url: string, port: number): string => {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
};

const observe = async <Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  params: unknown[] = [],
): Promise<Row[]> => {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 120_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Row>(sql, params)).rows;
  } finally {
    await client.end().catch(() => {});
  }
};
