import { LongshoreError } from '@longshore/contract';
import type { JobHandler } from '../define-job.ts';
import type { JobContext, JobInfo } from '../job-context.ts';
import { ReleaseError } from '../job-errors.ts';
import { createWorker, type Worker, type WorkerOptions } from '../worker.ts';
import { type FormConnection, readConnection } from './form-connection.ts';
import { getJobQueue, type JobQueue } from './job-queue.ts';
import { type AnyJob, type PendingJob, type RunningJob, toJobMetadata } from './job-shapes.ts';
import { reportProgressOf, takeReportsOf } from './running-jobs.ts';

export { initializeJobQueue, type JobQueue, newJobId } from './job-queue.ts';
export {
  type AnyJob,
  type CancelledJob,
  type CompleteJob,
  type FailedJob,
  isCancelledJob,
  isCompleteJob,
  isFailedJob,
  isPendingJob,
  isRunningJob,
  type JobMetadata,
  type JobStatus,
  type PendingJob,
  type RunningJob,
  toAnyJob,
} from './job-shapes.ts';
export { type FormConnection, getJobQueue };

export interface JobWorkerOptions
  extends FormConnection,
    Pick<WorkerOptions, 'queues' | 'capabilities' | 'leaseSeconds' | 'abortGraceSeconds'> {
  /** The types of jobs to ask the server for; without it LONGSHORE_KINDS, their names with commas between. */
  kinds?: string[] | undefined;
}

const stopSeconds = 60;
const firstRestMs = 10;

/** From a start to its stop. */
interface Stint {
  worker: Worker;
  stopping: AbortController;
  over: Promise<void>;
}

/**
 * A worker as a class, one job at a time. A subclass says which jobs it takes and does them; the worker claims, keeps the
 * lease, tries again and reports.
 *
 * @example
 * class Greeter extends JobWorker {
 *   constructor() { super(1000, 5000, { kinds: ['greet'] }); }
 *   protected getWorkerName() { return 'Greeter'; }
 *   protected canProcessJob(job: AnyJob) { return job.metadata.type === 'greet'; }
 *   protected async executeJob(job: AnyJob) { return { text: `Hello` }; }
 * }
 * await new Greeter().start();
 */
export abstract class JobWorker {
  readonly #pollIntervalMs: number;
  readonly #errorBackoffMs: number;
  readonly #options: JobWorkerOptions;
  #stint: Stint | undefined;
  #refusedInARow = 0;
  readonly #endReports = new WeakMap<JobInfo, () => void>();

  /**
   * `pollIntervalMs`: the longest pause after a job that `canProcessJob` refused; jobs themselves come without polling.
   * `errorBackoffMs`: the pause after a job that failed.
   */
  constructor(pollIntervalMs = 1_000, errorBackoffMs = 5_000, options: JobWorkerOptions = {}) {
    this.#pollIntervalMs = requireMs('pollIntervalMs', pollIntervalMs);
    this.#errorBackoffMs = requireMs('errorBackoffMs', errorBackoffMs);
    this.#options = options;
  }

  /** For people, in what is printed of its troubles. */
  protected abstract getWorkerName(): string;
  /** False gives the job back unspent, for another worker. To ask for fewer jobs, name fewer `kinds`. */
  protected abstract canProcessJob(job: AnyJob): boolean;
  /**
   * Does a running job; what it returns is the job's result, what it throws fails the try. `context.signal` is aborted when
   * it should stop: cancelled, timed out, or somebody else's by now.
   */
  protected abstract executeJob(job: AnyJob, context: JobContext): Promise<unknown>;

  /** Called with the result before the job is completed. Throwing fails the try; a try that is repeated calls it again. */
  protected async emitCompletionEvent(_job: RunningJob, _result: unknown): Promise<void> {}

  /** Told of what goes wrong beside the jobs, such as a server that is away; the worker goes on. Prints a warning. */
  protected onWorkerError(error: unknown): void {
    process.emitWarning(`${this.getWorkerName()}: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** Reports the progress in a copy of the job. A run that is over reports nothing. */
  protected async updateJobProgress(job: RunningJob): Promise<void> {
    reportProgressOf(job);
  }

  /** The one queue of this process, as `getJobQueue()` answers it. */
  protected getJobQueue(): JobQueue {
    return getJobQueue();
  }

  /**
   * Works until `stop` is called, and resolves then. A server that is away is waited for. Rejects for a key that the server
   * refuses, and with INVALID_INPUT where it is not known where to connect or what to ask for. Twice is once.
   */
  async start(): Promise<void> {
    this.#stint ??= this.#begin();
    await this.#stint.over;
  }

  /** Takes no more jobs and waits up to 60 s for the one that runs; then it is told to stop, and goes back unspent. */
  async stop({ timeoutSeconds = stopSeconds }: { timeoutSeconds?: number } = {}): Promise<void> {
    const stint = this.#stint;
    if (!stint) return;
    stint.stopping.abort();
    await stint.worker.stop({ timeoutSeconds });
    await stint.over.catch(() => undefined);
  }

  #begin(): Stint {
    const worker = createWorker({
      ...this.#options,
      ...readConnection(this.#options),
      handlers: readKinds(this.#options).map((kind) => this.#handlerOf(kind)),
      concurrency: 1,
      prefetch: 0,
      errorRestSeconds: this.#errorBackoffMs / 1_000,
    });
    worker.on('error', ({ error }) => this.onWorkerError(error));
    // Before executeJob settles, which a signal does not force it to.
    for (const end of ['leaseLost', 'jobFailed', 'jobReleased'] as const)
      worker.on(end, ({ job }) => this.#endReports.get(job)?.());
    const stopping = new AbortController();
    const over = workUntilStopped(worker, stopping.signal).finally(() => {
      this.#stint = undefined;
    });
    return { worker, stopping, over };
  }

  #handlerOf(kind: string): JobHandler {
    return {
      kind,
      perform: (payload, context) => this.#processJob(payload, context),
      checkProgress: () => undefined,
    };
  }

  async #processJob(params: unknown, context: JobContext): Promise<unknown> {
    const metadata = toJobMetadata(context.job, context.attempt - 1);
    const pending: PendingJob = { status: 'pending', metadata, params };
    if (!this.canProcessJob(pending)) throw new ReleaseError(this.#restMsOfRefusal() / 1_000);
    this.#refusedInARow = 0;

    const startedAt = new Date().toISOString();
    const running: RunningJob = { ...pending, status: 'running', startedAt, progress: {} };
    const endReports = takeReportsOf(running, context.progress);
    this.#endReports.set(context.job, endReports);
    try {
      const result = await this.executeJob(running, context);
      await this.emitCompletionEvent(running, result);
      return result;
    } finally {
      endReports();
    }
  }

  /** Doubles with each job refused in a row: one of many is passed over quickly, and a queue full of them is no hot loop. */
  #restMsOfRefusal(): number {
    const longestMs = Math.max(this.#pollIntervalMs, firstRestMs);
    return Math.min(longestMs, firstRestMs * 2 ** this.#refusedInARow++);
  }
}

/** A start that a stop cut short is no failure. */
const workUntilStopped = async (worker: Worker, stopping: AbortSignal): Promise<void> => {
  try {
    await worker.start();
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
  if (!stopping.aborted)
    await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }));
  await worker.stop();
};

const requireMs = (field: string, ms: number): number => {
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new LongshoreError('INVALID_INPUT', 'must be a number of milliseconds, 0 or more', { field });
};

const readKinds = ({ kinds }: JobWorkerOptions): string[] => {
  const named = kinds ?? (process.env.LONGSHORE_KINDS ?? '').split(',').map((kind) => kind.trim());
  const given = named.filter((kind) => kind !== '');
  if (given.length > 0) return [...new Set(given)];
  throw new LongshoreError('INVALID_INPUT', 'It is not known which jobs to ask for.', {
    field: 'kinds',
    hint: "Name their types: super(1000, 5000, { kinds: ['generation'] }), or set LONGSHORE_KINDS.",
  });
};
