import { Writable } from 'node:stream';
import { LongshoreError } from '@longshore/contract';
import {
  type Actor,
  connect,
  createKeyFormat,
  type Database,
  databaseActor,
  readRoleFaults,
  type Session,
} from '@longshore/db';
import { readConfig } from '../config.ts';
import { createLogger } from '../logger.ts';
import { createParts, type Parts } from '../parts.ts';
import { createRoleGuard } from '../role-guard.ts';
import { requestKind } from './ledger-entry.ts';
import type { WorkerServerLogger } from './types.ts';

export interface EngineOptions {
  databaseUrl: string | undefined;
  /** Slug of the org; made if it is not there. */
  org: string;
  /** The queue of the tracked requests, and the name of the worker whose sessions these are. */
  queue: string;
  logger: WorkerServerLogger;
}

/** What a worker server uses of Longshore: one org, one registered worker, and the verbs. */
export interface Engine extends Pick<Parts, 'verbs' | 'claimDesk'> {
  orgId: number;
  actor: Actor;
  /** A session for a process; answers its id. */
  openSession(input: Omit<Parameters<Parts['sessions']['open']>[2], 'kinds' | 'queues'>): Promise<string>;
  findSession(sessionId: string): Promise<Session | null>;
  closeSession(sessionId: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, makes what is missing, and ends the sessions that an earlier run left: what they held waits to be taken up again.
 * Throws INVALID_INPUT without a database, SCHEMA_MISMATCH for a role that row-level security does not bind.
 */
export const openEngine = async (options: EngineOptions): Promise<Engine> => {
  const { databaseUrl, org, queue, logger } = options;
  if (databaseUrl === undefined) throw noDatabase();
  const db = connect({ url: databaseUrl, applicationName: 'longshore-worker-server' });
  try {
    await createRoleGuard({ readRoleFaults: () => readRoleFaults(db) }).check();
    const parts = createEngineParts(db, databaseUrl, logger);
    const admin = parts.adminFor(actor);
    const orgId = await findOrg(admin, org);
    const workerId = await findWorker(admin, orgId, queue);
    const closeSession = async (sessionId: string): Promise<void> => {
      await parts.sessions.close(orgId, workerId, sessionId);
    };
    const left = (await admin.listWorkers(orgId)).find(({ id }) => id === workerId)?.sessions ?? [];
    for (const { sessionId } of left) await closeSession(sessionId);
    parts.duties.start();
    return {
      verbs: parts.verbs,
      claimDesk: parts.claimDesk,
      orgId,
      actor,
      openSession: async (input) => {
        const session = { ...input, kinds: [requestKind], queues: [queue] };
        return (await parts.sessions.open(orgId, workerId, session)).sessionId;
      },
      findSession: (sessionId) => parts.sessions.find(orgId, sessionId),
      closeSession,
      close: async () => {
        await Promise.all([parts.claimDesk.close(), parts.duties.stop()]);
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
};

const actor: Actor = { ...databaseActor, name: 'worker server' };

const createEngineParts = (db: Database, databaseUrl: string, logger: WorkerServerLogger): Parts =>
  createParts({
    config: readConfig({ DATABASE_URL: databaseUrl, LONGSHORE_LISTEN_DATABASE_URL: 'off' }),
    db,
    logger: createLogger('error', writeTo(logger)),
    keyFormat: createKeyFormat(),
  });

/** Lines of the log, redacted as every log of ours, in the program's own. */
const writeTo = (logger: WorkerServerLogger): Writable =>
  new Writable({
    write: (line, _encoding, done) => {
      const { msg, ...context } = JSON.parse(String(line)) as { msg: string };
      logger.error(msg, context);
      done();
    },
  });

type Admin = ReturnType<Parts['adminFor']>;

const findOrg = async (admin: Admin, slug: string): Promise<number> => {
  try {
    return await admin.orgIdOf(slug);
  } catch (error) {
    if (!(error instanceof LongshoreError && error.code === 'NOT_FOUND')) throw error;
    await admin.createOrg(slug);
    return admin.orgIdOf(slug);
  }
};

/** Its key is shown to nobody: this process needs none. */
const findWorker = async (admin: Admin, orgId: number, name: string): Promise<string> => {
  const known = (await admin.listWorkers(orgId)).find((worker) => worker.name === name && !worker.revokedAt);
  return known?.id ?? (await admin.registerWorker(orgId, { name })).id;
};

const noDatabase = (): LongshoreError =>
  new LongshoreError('INVALID_INPUT', 'a WorkerServer needs a database', {
    field: 'databaseUrl',
    hint: 'Set DATABASE_URL or the option databaseUrl to the login of an API process; see docs/worker-sockets.md.',
  });
