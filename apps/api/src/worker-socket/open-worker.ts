import {
  type HeartbeatAnswer,
  LongshoreError,
  type OpenSessionAnswer,
  type ReleaseItem,
} from '@longshore/contract';
import type { Principal } from '@longshore/db';
import type { Credentials } from '../authentication.ts';
import { toLongshoreError } from '../error-answer.ts';
import type { Parts } from '../parts.ts';
import { createEngineCalls, type OpenEngineCalls } from './engine-calls.ts';
import type { Message } from './frames.ts';
import { toOpenSession, type WorkerRegistration, workerRegistration } from './registration.ts';
import type { WorkerRegistry } from './worker-registry.ts';

export interface OpenWorkerOptions {
  parts: Parts;
  requestId: string;
  /** What the upgrade brought. */
  credentials: Credentials;
  registry: WorkerRegistry;
}

/** A worker that may work: its session is open. */
export interface OpenedWorker extends Pick<OpenSessionAnswer, 'sessionId' | 'leaseSeconds'> {
  openCalls: OpenEngineCalls;
  registration: WorkerRegistration;
  /** See Place in worker-registry.ts. */
  identity: string;
  isResumed: boolean;
  /** What there is to tell of a session that is gone on with. */
  news: HeartbeatAnswer | undefined;
  /** What the worker takes: what it registered with, or what had become of that. */
  standing: { isDraining: boolean; concurrency: number };
  leases: ReleaseItem[];
  finished: { requestId: string; state: string }[];
}

/**
 * Does what a registration asks for: a new session, or that of an earlier connection while it is open. Throws UNAUTHENTICATED
 * for a key that is no worker's, INVALID_INPUT, and what the engine says against it.
 */
export const openWorker = async (options: OpenWorkerOptions, message: Message): Promise<OpenedWorker> => {
  const { parts, requestId, credentials } = options;
  const registration = workerRegistration.parse(message);
  const { authToken } = registration;
  // Two different keys are refused, as over HTTP.
  const proof = authToken === undefined ? credentials : { ...credentials, xApiKey: authToken };
  const principal = await parts.authenticate(proof);
  if (principal.role !== 'worker' || principal.workerId === null) throw noWorkersKey();
  const openCalls = createEngineCalls(parts, requestId, proof);
  const session =
    (await resumeSession(options, openCalls, principal, registration)) ??
    (await openSession(openCalls, registration));
  const identity = `${principal.orgId} ${principal.workerId} ${registration.workerId}`;
  return { ...session, openCalls, registration, identity };
};

type SessionOf = Omit<OpenedWorker, 'openCalls' | 'registration' | 'identity'>;

const openSession = async (
  openCalls: OpenEngineCalls,
  registration: WorkerRegistration,
): Promise<SessionOf> => {
  const { sessionId, leaseSeconds } = await openCalls().openSession(toOpenSession(registration));
  const standing = { isDraining: false, concurrency: registration.capabilities.maxConcurrentRequests };
  return { sessionId, leaseSeconds, isResumed: false, news: undefined, standing, leases: [], finished: [] };
};

/** Undefined when there is nothing to go on with. */
const resumeSession = async (
  { parts, registry }: OpenWorkerOptions,
  openCalls: OpenEngineCalls,
  { orgId, workerId }: Principal,
  { sessionId, heldRequests: jobIds = [] }: WorkerRegistration,
): Promise<SessionOf | undefined> => {
  if (sessionId === undefined) return undefined;
  const asked = { workerId: workerId!, sessionId, jobIds };
  // Nobody is sent away before it is known that the session is the caller's.
  if (!(await parts.findResumedSession(orgId, { ...asked, jobIds: [] }))) return undefined;
  await registry.evict(sessionId);
  const found = await parts.findResumedSession(orgId, asked);
  if (!found) return undefined;
  const { leaseSeconds, isDraining, concurrency, leases, finished } = found;
  const news = await beatOnce(openCalls, sessionId, leases);
  if (!news) return undefined;
  return {
    sessionId,
    leaseSeconds,
    isResumed: true,
    news,
    standing: { isDraining, concurrency },
    leases,
    finished: finished.map(({ id, state }) => ({ requestId: id, state })),
  };
};

/** Undefined for a session that has ended. */
const beatOnce = async (
  openCalls: OpenEngineCalls,
  sessionId: string,
  held: ReleaseItem[],
): Promise<HeartbeatAnswer | undefined> => {
  try {
    return await openCalls().heartbeat({ sessionId, held });
  } catch (thrown) {
    if (toLongshoreError(thrown).code === 'SESSION_LOST') return undefined;
    throw thrown;
  }
};

const noWorkersKey = (): LongshoreError =>
  new LongshoreError('UNAUTHENTICATED', 'this key belongs to no worker', {
    field: 'authToken',
    hint: 'Send a key of role worker, in authToken or as `Authorization: Bearer` with the upgrade.',
  });
