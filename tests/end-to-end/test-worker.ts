import {
  type AnyJob,
  getJobQueue,
  initializeJobQueue,
  isRunningJob,
  JobWorker,
  type JobWorkerOptions,
  newJobId,
  type PendingJob,
  type RunningJob,
} from '@longshore/sdk/job-worker';
import { eventually, type TestApi } from '@longshore/test-kit';
import { afterEach, beforeAll } from 'vitest';

export interface TestWorkerParts {
  pollIntervalMs?: number;
  errorBackoffMs?: number;
  canProcess?: (job: AnyJob) => boolean;
  execute?: (job: RunningJob, worker: TestWorker, signal: AbortSignal) => Promise<unknown> | unknown;
  onCompletion?: (job: RunningJob, result: unknown) => void;
}

/** A worker whose parts a test gives. */
export class TestWorker extends JobWorker {
  readonly #parts: TestWorkerParts;

  constructor(parts: TestWorkerParts, options: JobWorkerOptions) {
    super(parts.pollIntervalMs, parts.errorBackoffMs ?? 0, options);
    this.#parts = parts;
  }

  protected getWorkerName(): string {
    return 'TestWorker';
  }

  protected canProcessJob(job: AnyJob): boolean {
    return this.#parts.canProcess?.(job) ?? true;
  }

  protected async executeJob(job: AnyJob, { signal }: { signal: AbortSignal }): Promise<unknown> {
    if (!isRunningJob(job)) throw new Error('Job must be running');
    return this.#parts.execute?.(job, this, signal);
  }

  protected override async emitCompletionEvent(job: RunningJob, result: unknown): Promise<void> {
    this.#parts.onCompletion?.(job, result);
  }

  report(job: RunningJob): Promise<void> {
    return this.updateJobProgress(job);
  }
}

/** Makes workers of an API's own, which are stopped after each test, and points the queue of the process at it. */
export const useWorkers = (api: TestApi) => {
  const workers: TestWorker[] = [];
  beforeAll(() => initializeJobQueue({ url: api.url, apiKey: api.keys.submit }));
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop({ timeoutSeconds: 0 })));
  });
  return (parts: TestWorkerParts, options: JobWorkerOptions): TestWorker => {
    const connection = { url: api.url, apiKey: api.keys.worker, abortGraceSeconds: 0 };
    const worker = new TestWorker(parts, { ...connection, ...options });
    workers.push(worker);
    return worker;
  };
};

let kinds = 0;
/** A kind of one test's own, and a job of it that has yet to be created. */
export const newJob = (
  params: unknown = {},
  maxRetries = 0,
): { kind: string; job: PendingJob; id: string } => {
  const kind = `kind-${kinds++}`;
  const id = newJobId();
  const metadata = { id, type: kind, userId: 'ada', created: '', retryCount: 0, maxRetries };
  return { kind, id, job: { status: 'pending', metadata, params } };
};
export const queue = () => getJobQueue();
export const untilStatus = (id: string, status: AnyJob['status']): Promise<AnyJob> =>
  eventually(async () => {
    const job = await queue().getJob(id);
    return job?.status === status && job;
  });
