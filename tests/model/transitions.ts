import type { JobState } from '@longshore/contract';
import type { ModelJob, World } from './world.ts';

/** The moves of a job that several verbs share. */

export const makeAvailable = (world: World, job: ModelJob): void => {
  job.state = 'available';
  job.runAt = world.now;
  endLease(job);
};

const schedule = (job: ModelJob, runAt: number | null): void => {
  job.state = 'scheduled';
  job.runAt = runAt;
  endLease(job);
};

const endLease = (job: ModelJob): void => {
  job.sessionId = null;
  job.startedAt = null;
};

/** Into history. A lease that is alive stays with the job as the one that finished it, and children hear of it. */
export const finish = (
  world: World,
  job: ModelJob,
  state: Extract<JobState, 'completed' | 'cancelled' | 'failed'>,
): void => {
  job.finishedByEpoch = job.state === 'running' ? job.epoch : null;
  job.state = state;
  job.finishedAt = world.now;
  job.parents.clear();
  for (const child of world.jobs.values()) if (child.parents.has(job.id)) child.parents.set(job.id, state);
};

/** An attempt that counts is over: another try after `delaySeconds` (null when the backoff decides), or the end. */
export const endAttempt = (
  world: World,
  job: ModelJob,
  { isRetryable, delaySeconds }: { isRetryable: boolean; delaySeconds: number | null },
): void => {
  if (job.cancelRequestedAt !== null) finish(world, job, 'cancelled');
  else if (job.attempt >= job.maxAttempts || !isRetryable) finish(world, job, 'failed');
  else if (delaySeconds === null) schedule(job, null);
  else if (delaySeconds <= 0) makeAvailable(world, job);
  else schedule(job, world.now + delaySeconds);
};

/** A lease ends without spending its attempt. */
export const giveBack = (world: World, job: ModelJob, delaySeconds = 0): void => {
  job.attempt = Math.max(job.attempt - 1, 0);
  if (job.cancelRequestedAt !== null) finish(world, job, 'cancelled');
  else if (delaySeconds > 0) schedule(job, world.now + delaySeconds);
  else makeAvailable(world, job);
};

/** Lets a job go whose parents have all finished. */
export const unblock = (world: World, job: ModelJob): void => {
  if (job.runAt !== null && job.runAt <= world.now) makeAvailable(world, job);
  else job.state = 'scheduled';
};
