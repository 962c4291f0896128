import { LongshoreError } from '@longshore/contract';
import {
  type Actor,
  createAdmin,
  createJobLifecycle,
  createListener,
  createNotifier,
  createReads,
  createSessions,
  type Database,
  drawTokens,
  findKeyByHash,
  type KeyFormat,
  type ListenerOptions,
  missingMigrations,
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
}

/** What the procedures and the process work with. */
export type Parts = ReturnType<typeof createParts>;

/** Makes and wires the parts of one API process. Nothing runs by itself until the duties and the wake-up are started. */
export const createParts = ({ config, db, logger, keyFormat }: PartsOptions) => {
  const noteFailure = createFailureLog(logger);
  const lifecycle = createJobLifecycle(db, {
    errorBytesMax: config.sizes.errorBytesMax,
    outputLineBytesMax: config.sizes.outputLineBytesMax,
    onAvailable: (orgId) => wakeUp.wake(orgId),
    onDependants: (orgId) => unblock(orgId),
  });
  const unblock = createUnblocker(lifecycle, (error) => noteFailure('unblock', error));
  const reads = createReads(db);
  const sessions = createSessions(db);

  const waits = createWaits({ ...reads, onError: (error) => noteFailure('waits', error) });
  const floors = createFloorKeeper({
    read: lifecycle.claimFloors,
    onError: (error) => noteFailure('claim floors', error),
  });
  const claimDesk = createClaimDesk({
    claim: lifecycle.claim,
    findAmong: sessions.findAmong,
    forget: (sessionId) => sessionBook.forget(sessionId),
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
    onChanged: (orgIds) => {
      authenticator.forgetOrgs(orgIds);
      sessionBook.forgetOrgs(orgIds);
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
    onError: noteFailure,
  });
  const verbs = createVerbs({
    lifecycle,
    claimBy: claimDesk.claimBy,
    wake: wakeUp.wake,
    noteFinished: waits.noteFinished,
    noteScheduled: duties.promoteSoon,
  });

  return {
    adminFor: (actor: Actor) => createAdmin(db, actor, keyFormat),
    authenticate: authenticator.authenticate,
    claimDesk,
    duties,
    rateLimiter: createRateLimiter({ draw: (draw) => drawTokens(db, draw), limits: config.rateLimits }),
    reads,
    sessionBook,
    sessions,
    sizes: config.sizes,
    usedKeys,
    verbs,
    waits,
    wakeUp,
    checkDatabase: () => requireSchema(db),
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
