import { type JobError, LongshoreError } from '@longshore/contract';
import type { JobHandler } from '../define-job.ts';
import type { JobContext, JobInfo } from '../job-context.ts';
import { createWorker, type Worker } from '../worker.ts';
import { type FormConnection, readConnection, refuseRedis } from './form-connection.ts';
import type { QueueMetrics } from './queue-shapes.ts';

export type * from './agent-jobs.ts';
export type { FormConnection, QueueMetrics };

/** Does the jobs of one kind: gets the payload, returns (a promise of) the result, throws to fail the attempt. */
// biome-ignore lint/suspicious/noExplicitAny: each processor names the payload that its own kind brings.
export type Processor = (payload: any, context: JobContext) => unknown;

export interface WorkerPoolConfig extends FormConnection {
  /** By the name under which jobs are added, such as `{ agent: (payload) => ... }`. */
  processors: { [kind: string]: Processor };
  /** The queue to serve. Default `default`. */
  name?: string | undefined;
  /** Workers in this process, each with a lease of its own. Default 1. */
  workerCount?: number | undefined;
  /** Jobs that each of them runs at a time. Default 5. */
  concurrency?: number | undefined;
  /** Milliseconds of silence after which a worker is taken for dead: the lease. Default 30,000; 3,000 at least. */
  lockDuration?: number | undefined;
  /** Taken and not needed: the server looks for dead workers every second, whatever is said here. */
  stalledInterval?: number | undefined;
  capabilities?: string[] | undefined;
  /** Milliseconds in which a processor may stop once its signal is aborted. Default 5,000. */
  abortGrace?: number | undefined;
  /** Longshore has no Redis; a value is refused with INVALID_INPUT. */
  redis?: undefined;
}

export interface WorkerPoolEvents {
  /** Each attempt. */
  onJobStarted?: (jobId: string, type: string) => void;
  /** Once a job. */
  // biome-ignore lint/suspicious/noExplicitAny: what the processor of its kind returned.
  onJobCompleted?: (jobId: string, result: any) => void;
  /** Once a job, when its last attempt has failed. `error.cause` is what the processor threw. */
  onJobFailed?: (jobId: string, error: Error) => void;
  /** What goes wrong beside the jobs; the pool goes on. */
  onWorkerError?: (error: Error) => void;
}

const stopMs = 30_000;

/** Several workers of one process. */
export class WorkerPool {
  readonly #config: WorkerPoolConfig;
  readonly #events: WorkerPoolEvents;
  readonly #workerCount: number;
  #workers: Worker[] = [];
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** Throws INVALID_INPUT for settings that cannot work. */
  constructor(config: WorkerPoolConfig, events: WorkerPoolEvents = {}) {
    refuseRedis(config);
    requireAtLeast('stalledInterval', config.stalledInterval ?? 1, 1);
    this.#workerCount = requireAtLeast('workerCount', config.workerCount ?? 1, 1);
    this.#config = config;
    this.#events = events;
  }

  /**
   * Resolves when jobs can come; a pool that runs is left as it is. Waits for a server that is away; rejects for a key that the
   * server refuses, and none of its workers runs then.
   */
  start(): Promise<void> {
    if (this.#stopping) return this.#stopping.then(() => this.start());
    this.#starting ??= this.#open();
    return this.#starting;
  }

  /**
   * Takes no more jobs and waits for those that run; after `timeout` milliseconds they are told to stop and go back unspent.
   * Every worker is closed by then, whatever its processors do. Never rejects.
   */
  stop(timeout: number = stopMs): Promise<void> {
    return this.#close((worker) => worker.stop({ timeoutSeconds: timeout / 1_000 }));
  }

  /** Tells processors to stop and gives their jobs back at once. Also hurries a `stop` under way. */
  async forceStop(): Promise<void> {
    const closing = this.#close((worker) => worker.forceStop());
    await Promise.all(this.#workers.map((worker) => worker.forceStop()));
    await closing;
  }

  /** True from `start` until `stop` or `forceStop` is called; also while a server that is away is waited for. */
  isPoolRunning(): boolean {
    return this.#starting !== undefined && this.#stopping === undefined;
  }

  /** How many workers run: `workerCount` while the pool does, else none. */
  getWorkerCount(): number {
    return this.#workers.length;
  }

  /** The figures of a queue (`QueueClient.getMetrics`), with the workers of this pool for its workers. */
  async getMetrics(base: QueueMetrics): Promise<QueueMetrics> {
    return { ...base, workerCount: this.getWorkerCount() };
  }

  async #open(): Promise<void> {
    try {
      this.#workers = Array.from({ length: this.#workerCount }, () => this.#makeWorker());
      await Promise.all(this.#workers.map((worker) => worker.start()));
    } catch (error) {
      // A start that a stop cut short is no failure.
      const isWanted = this.#stopping === undefined;
      await this.forceStop();
      if (isWanted) throw error;
    }
  }

  #close(end: (worker: Worker) => Promise<void>): Promise<void> {
    if (!this.#starting) return Promise.resolve();
    this.#stopping ??= Promise.all(this.#workers.map(end)).then(() => {
      this.#workers = [];
      this.#starting = undefined;
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  #makeWorker(): Worker {
    const {
      name = 'default',
      concurrency = 5,
      lockDuration = 30_000,
      capabilities,
      abortGrace,
    } = this.#config;
    const runs = new RunBook();
    const worker = createWorker({
      ...readConnection(this.#config),
      handlers: Object.entries(this.#config.processors).map(([kind, process]) =>
        runs.handlerOf(kind, process),
      ),
      queues: [name],
      capabilities,
      concurrency,
      leaseSeconds: lockDuration / 1_000,
      ...(abortGrace !== undefined && { abortGraceSeconds: abortGrace / 1_000 }),
    });
    this.#tell(worker, runs);
    return worker;
  }

  #tell(worker: Worker, runs: RunBook): void {
    const { onJobStarted, onJobCompleted, onJobFailed, onWorkerError } = this.#events;
    worker.on('jobStarted', ({ job }) => onJobStarted?.(job.id, job.kind));
    worker.on('jobCompleted', ({ job }) => onJobCompleted?.(job.id, runs.resultOf(job)));
    worker.on('jobFailed', ({ job, error, state }) => {
      if (state === 'failed') onJobFailed?.(job.id, toError(error, runs.errorOf(job)));
    });
    worker.on('error', ({ error }) => {
      onWorkerError?.(error instanceof Error ? error : new Error(String(error)));
    });
  }
}

/** What came of each run, for the events: the worker's own name jobs, not results. Forgets a run with its job. */
class RunBook {
  readonly #results = new WeakMap<JobInfo, unknown>();
  readonly #errors = new WeakMap<JobInfo, unknown>();

  handlerOf(kind: string, process: Processor): JobHandler {
    return {
      kind,
      checkProgress: () => undefined,
      perform: async (payload, context) => {
        try {
          const result = await process(payload, context);
          this.#results.set(context.job, result);
          return result;
        } catch (error) {
          this.#errors.set(context.job, error);
          throw error;
        }
      },
    };
  }

  resultOf(job: JobInfo): unknown {
    return this.#results.get(job);
  }

  errorOf(job: JobInfo): unknown {
    return this.#errors.get(job);
  }
}

const toError = ({ message, name, stack, code }: JobError, cause: unknown): Error =>
  Object.assign(new Error(message, { cause }), {
    ...(name !== undefined && { name }),
    ...(stack !== undefined && { stack }),
    ...(code !== undefined && { code }),
  });

const requireAtLeast = (field: string, value: number, min: number): number => {
  if (Number.isInteger(value) && value >= min) return value;
  throw new LongshoreError('INVALID_INPUT', `must be a whole number, ${min} or more`, { field });
};
