import { connect, createAdmin, createLogins, migrate, urlForLogin } from '@longshore/db';
import { type Client, createAdminClient, createClient } from '@longshore/sdk';
import { endProcess, spawnApi } from '@longshore/test-kit/processes';
import { noopPayload } from '../jobs.ts';
import { createOwnDatabase, type OwnDatabase } from '../own-database.ts';
import { readSql } from '../sql-file.ts';
import { pidOf } from '../subject.ts';

/** Longshore with its tables within reach, so that they can be filled beside the API. */
export interface Stage {
  /** As the superuser, past row-level security. */
  database: OwnDatabase;
  orgId: number;
  apiUrl: string;
  apiPid: number;
  /** For API processes beside that one. */
  apiDatabaseUrl: string;
  client: Client;
  adminKey: string;
  workerKey: string;
  /** No job is claimed from now on; and again, at once. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The id of the route of these jobs in our org. */
  routeOf(line: Line): Promise<number>;
  /** Puts jobs in line without a submit each. */
  fill(line: Line, jobs: number): Promise<void>;
  /** Clears what is dead and gathers statistics, so that no vacuum comes upon the next figure. */
  settle(): Promise<void>;
  /** Writes what is dirty. */
  checkpoint(): Promise<void>;
}

export interface Line {
  kind: string;
  requiredCapabilities?: string[];
}

export const slug = 'bench';
export const queue = 'default';
export const payload = JSON.stringify(noopPayload);

const statements = {
  ensureRoute: readSql('./sql/ensure-route.sql', import.meta.url),
  fillLine: readSql('./sql/fill-line.sql', import.meta.url),
};

/** Opens a stage on a database of its own, works on it, and removes it again. Stages that are open together need names. */
export const withStage = async <Answer>(
  serverUrl: string,
  work: (stage: Stage) => Promise<Answer>,
  name = 'stage',
): Promise<Answer> => {
  const database = await createOwnDatabase(serverUrl, `longshore ${name}`);
  try {
    await migrate(database.url);
    const access = await createAccess(database.url, `longshore_${name}_api`);
    const { child, match: url } = await spawnApi(access.apiDatabaseUrl);
    const connection = { url, apiKey: access.adminKey };
    const client = createClient(connection);
    try {
      return await work(stageOf(database, { ...access, ...connection, apiPid: pidOf(child), client }));
    } finally {
      await client.close();
      await endProcess(child);
    }
  } finally {
    await database.drop();
  }
};

interface Access {
  orgId: number;
  adminKey: string;
  workerKey: string;
  apiDatabaseUrl: string;
}

const createAccess = async (url: string, login: string): Promise<Access> => {
  const db = connect({ url, poolSize: 1 });
  const admin = createAdmin(db);
  await admin.createOrg(slug);
  const orgId = await admin.orgIdOf(slug);
  const { apiKey: adminKey } = await admin.createKey(orgId, { role: 'admin', name: slug });
  const { apiKey: workerKey } = await admin.registerWorker(orgId, { name: slug });
  const apiDatabaseUrl = urlForLogin(url, login, await createLogins(db).ensureLogin({ login, role: 'api' }));
  await db.close();
  return { orgId, adminKey, workerKey, apiDatabaseUrl };
};

const stageOf = (
  database: OwnDatabase,
  open: Access & { url: string; apiKey: string; apiPid: number; client: Client },
): Stage => {
  const { pool } = database;
  const { url: apiUrl, apiKey, apiPid, apiDatabaseUrl, client, orgId, adminKey, workerKey } = open;
  const { queues } = createAdminClient({ url: apiUrl, apiKey });
  const routeOf = async ({ kind, requiredCapabilities = [] }: Line): Promise<number> => {
    const values = [orgId, queue, kind, requiredCapabilities];
    return (await pool.query<{ id: number }>(statements.ensureRoute, values)).rows[0]!.id;
  };
  return {
    database,
    orgId,
    apiUrl,
    apiPid,
    apiDatabaseUrl,
    client,
    adminKey,
    workerKey,
    pause: () => queues.pause(queue),
    resume: () => queues.resume(queue),
    routeOf,
    fill: async (line, jobs) => {
      await pool.query(statements.fillLine, [orgId, await routeOf(line), jobs, payload]);
    },
    settle: async () => void (await pool.query('vacuum (analyze)')),
    checkpoint: async () => void (await pool.query('checkpoint')),
  };
};
