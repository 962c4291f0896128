import type { JobError, JobState, LongshoreError, WorkerLogLevel } from '@longshore/contract';
import type { JobInfo } from './job-context.ts';

/** What the worker was doing when something went wrong. */
export type WorkerActivity = 'session' | 'claim' | 'heartbeat' | 'finish' | 'report' | 'message' | 'listener';

/** What a worker tells its listeners. No event carries a payload, a result or a lease token. */
export interface WorkerEvents {
  /** A session is open; jobs can be claimed. */
  sessionOpened: { sessionId: string; workerId: string; workerName: string };
  /** The session is dead and its jobs are somebody else's; a new one is being opened. */
  sessionLost: { sessionId: string; error: LongshoreError };
  jobStarted: { job: JobInfo };
  jobCompleted: { job: JobInfo };
  /** An attempt failed. `state` says what becomes of the job: scheduled again, failed for good, or cancelled. */
  jobFailed: { job: JobInfo; error: JobError; state: JobState };
  jobSnoozed: { job: JobInfo; delaySeconds: number };
  /** The job went back unspent. */
  jobReleased: { job: JobInfo };
  /** The job is no longer ours; its handler was told to stop, and nothing it does to the job counts any more. */
  leaseLost: { job: JobInfo; error: LongshoreError };
  /** Somebody asked it to claim nothing more. What runs is finished. */
  draining: Record<never, never>;
  /** It claims again. */
  resumed: Record<never, never>;
  /** Somebody asked it to log more or less from now on. */
  logLevel: { level: WorkerLogLevel };
  /** The worker holds no job. */
  idle: { finishedJobs: number };
  /** Something failed beside the jobs; the worker goes on. */
  error: { during: WorkerActivity; error: unknown; job?: JobInfo };
}
