import type { ClaimedJob, JsonValue, OutputStream } from '@longshore/contract';
import type { JobTypes } from './define-job.ts';

/** A claimed job as handlers and listeners may see it: everything but the payload and the proof of the lease. */
export type JobInfo = Readonly<Omit<ClaimedJob, 'payload' | 'leaseToken'>>;

/** What a handler knows of its job, and can do besides returning or throwing. Its members may be taken apart freely. */
export interface JobContext<Types extends JobTypes = JobTypes> {
  readonly job: JobInfo;
  /** 1 at the first attempt. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** The same at every attempt of the job; hand it to systems that drop repeated requests. */
  readonly idempotencyKey: string;
  /** Grows with every claim of the job; a resource that remembers the highest can refuse a late predecessor. */
  readonly fencingToken: number;
  /**
   * Aborted when the handler should stop. Its reason is a LongshoreError: LEASE_LOST (somebody else has the job, or the
   * worker gave it back), JOB_CANCELLED or TIMEOUT.
   */
  readonly signal: AbortSignal;
  /** Publishes how far the job is. Sent a few times a second at most; the last value wins. */
  progress(value: Types['progressInput']): void;
  /** Keeps a line of output with the job. */
  log(line: string, stream?: Exclude<OutputStream, 'data'>): void;
  /** Keeps a piece of text with the job as it is, such as a part of an answer that is still being made. */
  write(chunk: string): void;
  /** Tells the server something; resolves with what its handler replied, null when there is none. */
  send(type: string, body?: JsonValue): Promise<JsonValue>;
  /** Ends this run by throwing a SnoozeError: the job runs again after so many seconds, and no attempt is counted. */
  snooze(delaySeconds: number): never;
}
