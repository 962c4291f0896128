import { LongshoreError } from '@longshore/contract';
import {
  type Actor,
  createAdmin,
  createJobLifecycle,
  createListener,
  createMessages,
  createNotifier,
  createPresence,
  createReads,
  createSessions,
  type Database,
  drawTokens,
  findKeyByHash,
  findResumedSession,
  type KeyFormat,
  type ListenerOptions,
  missingMigrations,
  requireWritable,
  touchKeys,
} from '@longshore/db';
import { createAuthenticator } from './authentication.ts';
import { createClaimDesk } from './claim-desk.ts';
import type { ApiConfig } from './config.ts';
import { createAllDuties } from './duties/all-duties.ts';
import { createUsedKeys } from './duties/touch-used-keys.ts';
import { createUnblocker } from './duties/unblock-dependants.ts';
import { createFailedAttempts } from './failed-attempts.ts';
import { createFloorKeeper } from './floor-keeper.ts';
import { createLive } from './live/create-live.ts';
import { createNudges } from './live/nudges.ts';
import { createPresenceWatch } from './live/presence.ts';
import { createWorkerMail, type WorkerMessageHandlers } from './live/worker-mail.ts';
import { createWorkerWatch } from './live/worker-watch.ts';
import { createFailureLog, type Logger } from './logger.ts';
import { createRateLimiter } from './rate-limits.ts';
import { createSessionBook } from './session-book.ts';
import { createVerbs } from './verbs.ts';
import { createWaits } from './waits.ts';
import { createWakeUp } from './wake-up.ts';

export interface PartsOptions {
  config: ApiConfig;
  db: Database;
  logger: Logger;
  keyFormat: KeyFormat;
  /** What takes the messages of workers, by their type. */
  onWorkerMessage?: WorkerMessageHandlers | undefined;
}

/** What the procedures and the process work with. */
export type Parts = ReturnType<typeof createParts>;

/** Makes and wires the parts of one API process. Nothing runs by itself until the duties and the wake-up are started. */
export const createParts = ({ config, db, logger, keyFormat, onWorkerMessage = {} }: PartsOptions) => {
  const noteFailure = createFailureLog(logger);
  const lifecycle = createJobLifecycle(db, {
    errorBytesMax: config.sizes.errorBytesMax,
    outputLineBytesMax: config.sizes.outputLineBytesMax,
    onAvailable: (orgId) => wakeUp.wake(orgId),
    cancelGraceSeconds: config.cancelGraceSeconds,
    onDependants: (orgId) => unblock(orgId),
    onNews: (sessionIds) => wakeUp.nudge(sessionIds),
  });
  const unblock = createUnblocker(lifecycle, (error) => noteFailure('unblock', error));
  const reads = createReads(db);
  const sessions = createSessions(db);
  const messages = createMessages(db);
  const nudges = createNudges({
    sessionsWithNews: messages.sessionsWithNews,
    onError: (error) => noteFailure('nudges', error),
    // Where no notice comes, only a look tells what another process did.
    lookMs: config.listenDatabaseUrl === null ? 500 : 5_000,
  });
  const workerMail = createWorkerMail({
    messages,
    handlers: onWorkerMessage,
    onError: (error) => noteFailure('worker messages', error),
  });
  const presence = createPresence(db);

  const live = createLive({
    config,
    reads,
    authenticate: (credentials) => authenticator.authenticate(credentials),
    noteFailure,
  });
  const { watchHub } = live;
  const floors = createFloorKeeper({
    read: lifecycle.claimFloors,
    onError: (error) => noteFailure('claim floors', error),
  });
  const claimDesk = createClaimDesk({
    claim: async (orgId, request) => {
      const claims = await lifecycle.claim(orgId, request);
      watchHub.noteClaims(orgId, claims);
      return claims;
    },
    findAmong: sessions.findAmong,
    forget: (orgId, sessionIds) => {
      authenticator.forgetOrgs([orgId]);
      for (const sessionId of sessionIds) sessionBook.forget(sessionId);
    },
    release: (orgId, jobs) =>
      verbs.release(
        orgId,
        jobs.map(({ id, leaseToken }) => ({ id, leaseToken })),
      ),
    floors,
    onError: (error) => noteFailure('claim desk', error),
  });
  const usedKeys = createUsedKeys({ touch: (keys) => touchKeys(db, keys) });
  const authenticator = createAuthenticator({
    keyFormat,
    findKeyByHash: (hash) => findKeyByHash(db, hash),
    failedAttempts: createFailedAttempts({ perMinute: config.failedAuthPerMinute }),
    areImportedKeysTaken: config.areImportedKeysTaken,
    onUse: usedKeys.note,
  });
  const sessionBook = createSessionBook(sessions);
  const wakeUp = createWakeUp({
    desk: claimDesk,
    nudges,
    onChanged: (orgIds) => {
      authenticator.forgetOrgs(orgIds);
      sessionBook.forgetOrgs(orgIds);
      live.streams.recheck();
      for (const orgId of orgIds) void claimDesk.recheck(orgId);
    },
    onMissed: authenticator.forgetAll,
    ...connectWakeUp(config, db, noteFailure),
  });
  const { sweepSeconds, keepDays } = config;
  const duties = createAllDuties({
    db,
    lifecycle,
    claimDesk,
    usedKeys,
    sweepSeconds,
    keepDays,
    cancelGraceSeconds: config.cancelGraceSeconds,
    onError: noteFailure,
  });
  const verbs = createVerbs({
    lifecycle,
    claimBy: claimDesk.claimBy,
    wake: wakeUp.wake,
    noteFinished: watchHub.noteFinished,
    noteChanged: watchHub.noteChanged,
    noteScheduled: duties.promoteSoon,
  });

  return {
    adminFor: (actor: Actor) => createAdmin(db, actor, keyFormat),
    authenticate: authenticator.authenticate,
    claimDesk,
    duties,
    messages,
    nudges,
    rateLimiter: createRateLimiter({ draw: (draw) => drawTokens(db, draw), limits: config.rateLimits }),
    presence,
    presenceWatch: createPresenceWatch({ ...presence, onError: (error) => noteFailure('presence', error) }),
    workerWatch: createWorkerWatch({ ...presence, onError: (error) => noteFailure('worker watch', error) }),
    reads,
    sessionBook,
    sessions,
    findResumedSession: (orgId: number, asked: Parameters<typeof findResumedSession>[2]) =>
      findResumedSession(db, orgId, asked),
    sizes: config.sizes,
    usedKeys,
    verbs,
    waits: createWaits({ ...reads, hub: watchHub }),
    live,
    wakeUp,
    workerMail,
    checkDatabase: async () => {
      await requireWritable(db);
      await requireSchema(db);
    },
  };
};

const connectWakeUp = (config: ApiConfig, db: Database, noteFailure: ReturnType<typeof createFailureLog>) => {
  const url = config.listenDatabaseUrl;
  if (url === null) return { notifier: null, connectListener: null };
  return {
    notifier: createNotifier({ db }),
    connectListener: (events: Pick<ListenerOptions, 'onNotice' | 'onAttached'>) =>
      createListener({ url, ...events, onError: (error) => noteFailure('listener', error) }),
  };
};

const requireSchema = async (db: Database): Promise<void> => {
  const missing = await missingMigrations(db.pool);
  if (missing.length === 0) return;
  throw new LongshoreError('SCHEMA_MISMATCH', `${missing.length} migrations are pending`, {
    hint: 'Run `longshore migrate`.',
  });
};
