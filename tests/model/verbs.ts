import type { JobState } from '@longshore/contract';
import { endAttempt, finish, giveBack, makeAvailable, unblock } from './transitions.ts';
import {
  cancelGraceSeconds,
  isFinished,
  isHeld,
  jobsOf,
  leaseSeconds,
  type ModelJob,
  type ModelLease,
  newJob,
  rescuesMax,
  runningOf,
  strayGraceSeconds,
  type World,
} from './world.ts';

// What a verb does to the model, and answers in words that model and database share.

export interface SubmitRequest {
  id: string;
  priority?: number;
  maxAttempts?: number;
  delaySeconds?: number;
  timeoutSeconds?: number;
  dependsOn?: string[];
  onDependencyFailure?: 'cancel' | 'run';
  key?: string;
  /** Sent before: the same id again. */
  isRepeat?: boolean;
}

/** One entry a lease: whether the write was taken, and the state that was answered. */
const settleLeases = (world: World, leases: readonly ModelLease[], take: (job: ModelJob) => void): string[] =>
  leases.map((lease) => {
    const job = world.jobs.get(lease.id);
    if (job && isHeld(job, lease)) {
      take(job);
      return `taken ${job.state}`;
    }
    if (!job) return 'lost null';
    const isRepeat = isFinished(job) && job.finishedByEpoch === lease.epoch;
    return `${isRepeat ? 'taken' : 'lost'} ${job.state}`;
  });

export const complete = (world: World, leases: readonly ModelLease[]): string[] =>
  settleLeases(world, leases, (job) => finish(world, job, 'completed'));

export const fail = (
  world: World,
  leases: readonly ModelLease[],
  how: { isRetryable: boolean; delaySeconds: number },
): string[] => settleLeases(world, leases, (job) => endAttempt(world, job, how));

export const release = (world: World, leases: readonly ModelLease[]): string[] =>
  settleLeases(world, leases, (job) => giveBack(world, job));

export const snooze = (world: World, leases: readonly ModelLease[], delaySeconds: number): string[] =>
  settleLeases(world, leases, (job) => giveBack(world, job, delaySeconds));

/** Answers only what was refused. */
export const report = (world: World, leases: readonly ModelLease[]): string[] =>
  settleLeases(world, leases, () => {});

/** One entry a session: `gone`, or what it lost and what somebody asked to cancel. */
export const heartbeat = (world: World, sessionId: string, held: readonly ModelLease[]): string => {
  const session = world.sessions.get(sessionId);
  if (!session?.isOpen) return 'gone';
  session.heartbeatAt = world.now;
  const lost = held.filter((lease) => !isHeld(world.jobs.get(lease.id), lease));
  const asked = held.filter((lease) => {
    const job = world.jobs.get(lease.id);
    return isHeld(job, lease) && job?.cancelRequestedAt !== null;
  });
  const names = new Set(held.map(({ id }) => id));
  const strays = runningOf(world, sessionId).filter(
    (job) => !names.has(job.id) && job.startedAt! < world.now - strayGraceSeconds,
  );
  for (const job of strays) giveBack(world, job);
  return `lost ${lost.length} cancel ${asked.length} returned ${strays.length > 0}`;
};

export const cancel = (world: World, ids: readonly string[]): string[] =>
  ids.map((id) => {
    const job = world.jobs.get(id);
    if (!job) return 'refused null';
    if (job.state === 'running') job.cancelRequestedAt ??= world.now;
    else if (!isFinished(job)) finish(world, job, 'cancelled');
    return `${job.state === 'running' || job.state === 'cancelled' ? 'taken' : 'refused'} ${job.state}`;
  });

export const retry = (world: World, ids: readonly string[]): string[] =>
  ids.map((id) => {
    const job = world.jobs.get(id);
    if (!job) return 'refused null';
    if (job.state === 'failed' || job.state === 'cancelled') revive(world, job);
    else if (job.state === 'scheduled') makeAvailable(world, job);
    return `${job.state === 'available' ? 'taken' : 'refused'} ${job.state}`;
  });

const revive = (world: World, job: ModelJob): void => {
  Object.assign(job, {
    maxAttempts: Math.max(job.maxAttempts, job.attempt + 1),
    rescues: 0,
    cancelRequestedAt: null,
    finishedAt: null,
    finishedByEpoch: null,
  });
  makeAvailable(world, job);
};

/** How many jobs were taken from sessions whose lease has run out. */
export const rescue = (world: World, sessionIds: readonly string[]): number => {
  const dead = [...new Set(sessionIds)].flatMap((id) => {
    const session = world.sessions.get(id);
    return session?.isOpen && session.heartbeatAt + leaseSeconds < world.now ? [session] : [];
  });
  for (const session of dead) session.isOpen = false;
  const jobs = dead.flatMap(({ id }) => runningOf(world, id));
  for (const job of jobs) {
    job.rescues += 1;
    if (job.rescues >= rescuesMax) endAttempt(world, job, { isRetryable: false, delaySeconds: null });
    else giveBack(world, job);
  }
  return jobs.length;
};

export const timeOut = (world: World): number => {
  const isOverdue = ({ startedAt, timeoutSeconds, cancelRequestedAt }: ModelJob): boolean =>
    (timeoutSeconds !== null && startedAt! + timeoutSeconds < world.now) ||
    (cancelRequestedAt !== null && cancelRequestedAt + cancelGraceSeconds < world.now);
  const overdue = [...world.jobs.values()].filter((job) => job.state === 'running' && isOverdue(job));
  for (const job of overdue) endAttempt(world, job, { isRetryable: true, delaySeconds: null });
  return overdue.length;
};

export const promote = (world: World, ids: readonly string[]): number => {
  const due = jobsOf(world, ids).filter(
    ({ state, runAt }) => state === 'scheduled' && runAt !== null && runAt <= world.now,
  );
  for (const job of due) makeAvailable(world, job);
  return due.length;
};

/** How many ties to finished parents were taken away. What a child's own end settles waits for the next call. */
export const unblockAll = (world: World): number => {
  const blocked = [...world.jobs.values()].filter(({ state }) => state === 'blocked');
  const pass = blocked.map((job) => ({ job, settled: takeSettled(job) }));
  for (const { job, settled } of pass) {
    const isUnmet = settled.some((outcome) => outcome !== 'completed');
    if (isUnmet && job.onDependencyFailure === 'cancel') finish(world, job, 'cancelled');
    else if (settled.length > 0 && job.parents.size === 0) unblock(world, job);
  }
  return pass.reduce((sum, { settled }) => sum + settled.length, 0);
};

const takeSettled = (job: ModelJob): JobState[] =>
  [...job.parents].flatMap(([id, outcome]) => {
    if (outcome === null) return [];
    job.parents.delete(id);
    return [outcome];
  });

export const closeSession = (world: World, sessionId: string): number => {
  const session = world.sessions.get(sessionId);
  if (!session?.isOpen) return 0;
  session.isOpen = false;
  const jobs = runningOf(world, sessionId);
  for (const job of jobs) giveBack(world, job);
  return jobs.length;
};

export const revokeWorker = (world: World, workerId: string): string => {
  for (const session of world.sessions.values()) {
    if (session.workerId === workerId) closeSession(world, session.id);
  }
  return 'revoked';
};

/** One entry a session, in order: the ids it was given. */
export const claim = (
  world: World,
  sessionIds: readonly string[],
  limit: number,
): { sessionId: string; ids: string[] }[] => {
  const line = world.isPaused
    ? []
    : [...world.jobs.values()]
        .filter(({ state }) => state === 'available')
        .sort((a, b) => a.priority - b.priority || Number(a.orderKey - b.orderKey));
  return [...new Set(sessionIds)].map((sessionId) => {
    const given = world.sessions.get(sessionId)?.isOpen ? line.splice(0, limit) : [];
    for (const job of given) {
      Object.assign(job, { state: 'running', sessionId, startedAt: world.now });
      job.epoch += 1;
      job.attempt += 1;
    }
    return { sessionId, ids: given.map(({ id }) => id) };
  });
};

/** One entry a job: `new <state>`, `same <id>` of the job that stands for it, or `conflict`. */
export const submit = (world: World, requests: readonly SubmitRequest[]): string[] =>
  requests.map((request) => submitOne(world, request));

const submitOne = (world: World, request: SubmitRequest): string => {
  const { id, priority, maxAttempts, delaySeconds = 0, timeoutSeconds, dependsOn = [], key } = request;
  const { isRepeat, onDependencyFailure } = request;
  if (isRepeat && world.jobs.has(id)) return `same ${id}`;
  const holder = key === undefined ? undefined : holderOf(world, key);
  if (holder) return holder.input === inputOf(request) ? `same ${holder.jobId}` : 'conflict';
  const job = newJob(id, world.now, {
    ...(priority !== undefined && { priority }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(onDependencyFailure && { onDependencyFailure }),
    timeoutSeconds: timeoutSeconds ?? null,
    runAt: world.now + delaySeconds,
    state: dependsOn.length > 0 ? 'blocked' : delaySeconds > 0 ? 'scheduled' : 'available',
    parents: new Map(dependsOn.map((parent) => [parent, outcomeOf(world.jobs.get(parent)!)])),
  });
  world.jobs.set(id, job);
  if (key !== undefined)
    world.keys.set(key, { jobId: id, input: inputOf(request), holdSeconds: keyHoldSeconds });
  return `new ${job.state}`;
};

export const keyHoldSeconds = 60;

const outcomeOf = (job: ModelJob) => (isFinished(job) ? job.state : null);

const inputOf = ({ id: _, key: __, isRepeat: ___, ...input }: SubmitRequest): string =>
  JSON.stringify(Object.entries(input).sort());

const holderOf = (world: World, key: string) => {
  const holder = world.keys.get(key);
  const job = holder && world.jobs.get(holder.jobId);
  if (!holder || !job) return undefined;
  const isOver = job.finishedAt !== null && job.finishedAt + holder.holdSeconds <= world.now;
  return isOver ? undefined : holder;
};
