import { type ClaimedJob, type JsonValue, LongshoreError } from '@longshore/contract';
import type { JobHandler } from './define-job.ts';
import type { JobContext, JobInfo } from './job-context.ts';
import { SnoozeError } from './job-errors.ts';
import { type JobOutcome, outcomeOfAbort, outcomeOfError, outcomeOfResult } from './job-outcome.ts';
import type { ProgressReporter } from './progress-reporter.ts';
import { timerMsMax } from './retry-policy.ts';

export interface JobRunOptions {
  job: ClaimedJob;
  handler: JobHandler;
  abortGraceSeconds: number;
  createReporter(): ProgressReporter;
  /** Tells the server something; see JobContext. */
  send(type: string, body: JsonValue | undefined): Promise<JsonValue>;
  /** Called once. */
  onEnd(outcome: JobOutcome): void;
}

/**
 * One run of a claimed job, from its claim to its outcome. What most jobs never use (signal, timers, reporter) is made when
 * it is first asked for, and a run is one object: at 50,000 jobs a second the garbage of each was a quarter of the work.
 */
export class JobRun {
  readonly job: ClaimedJob;
  readonly #options: JobRunOptions;
  #info: JobInfo | undefined;
  #isEnded = false;
  #aborted: { reason: LongshoreError; outcome: JobOutcome } | undefined;
  #controller: AbortController | undefined;
  #reporter: ProgressReporter | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(options: JobRunOptions) {
    this.job = options.job;
    this.#options = options;
  }

  get info(): JobInfo {
    this.#info ??= toJobInfo(this.job);
    return this.#info;
  }

  /** Aborted when the handler should stop. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted && !this.#controller.signal.aborted) this.#controller.abort(this.#aborted.reason);
    return this.#controller.signal;
  }

  /** Tells the server something; see JobContext. */
  send(type: string, body: JsonValue | undefined): Promise<JsonValue> {
    return this.#options.send(type, body);
  }

  /** Undefined once the run has ended. */
  get reporter(): ProgressReporter | undefined {
    if (this.#isEnded) return undefined;
    this.#reporter ??= this.#options.createReporter();
    return this.#reporter;
  }

  /** Runs the handler. */
  async start(): Promise<void> {
    if (this.job.timeoutSeconds !== null) this.#startDeadline(this.job.timeoutSeconds);
    let outcome: JobOutcome;
    try {
      outcome = outcomeOfResult(await this.#options.handler.perform(this.job.payload, createContext(this)));
    } catch (error) {
      outcome = this.#aborted?.outcome ?? outcomeOfError(error);
    }
    if (this.#reporter && outcome.type !== 'lost' && !this.#isEnded) await this.#reporter.flush();
    this.end(outcome);
  }

  /**
   * Tells the handler to stop. Unless it finishes its work all the same, the run has this outcome, by default what the
   * reason says, when the handler settles or the grace is over. False when the run has ended or was told before.
   */
  abort(reason: LongshoreError, outcome = outcomeOfAbort(reason)): boolean {
    if (this.#isEnded || this.#aborted) return false;
    this.#aborted = { reason, outcome };
    const graceMs = Math.min(this.#options.abortGraceSeconds * 1_000, timerMsMax);
    this.#grace = setTimeout(() => this.abandon(), graceMs);
    this.#controller?.abort(reason);
    return true;
  }

  /** Waits no longer for a handler that was told to stop. */
  abandon(): void {
    if (this.#aborted) this.end(this.#aborted.outcome);
  }

  /** Ends the run with this outcome, unless it has ended. */
  end(outcome: JobOutcome): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#grace);
    this.#options.onEnd(outcome);
  }

  #startDeadline(seconds: number): void {
    if (seconds * 1_000 > timerMsMax) return;
    const reason = `The job did not finish within its ${seconds} s.`;
    this.#deadline = setTimeout(() => this.abort(new LongshoreError('TIMEOUT', reason)), seconds * 1_000);
  }
}

const createContext = (run: JobRun): JobContext => ({
  get job() {
    return run.info;
  },
  attempt: run.job.attempt,
  maxAttempts: run.job.maxAttempts,
  idempotencyKey: run.job.id,
  fencingToken: run.job.fencingToken,
  get signal() {
    return run.signal;
  },
  progress: (value) => run.reporter?.progress(value),
  log: (line, stream = 'log') => run.reporter?.log(line, stream),
  write: (chunk) => run.reporter?.log(chunk, 'data'),
  send: (type, body) => run.send(type, body),
  snooze,
});

const snooze = (delaySeconds: number): never => {
  throw new SnoozeError(delaySeconds);
};

/** Field by field: to leave two fields out of a spread takes ten times as long. */
const toJobInfo = (job: ClaimedJob): JobInfo => ({
  id: job.id,
  kind: job.kind,
  queue: job.queue,
  priority: job.priority,
  category: job.category,
  attempt: job.attempt,
  maxAttempts: job.maxAttempts,
  fencingToken: job.fencingToken,
  timeoutSeconds: job.timeoutSeconds,
  metadata: job.metadata,
  tags: job.tags,
  batchId: job.batchId,
  externalId: job.externalId,
  createdAt: job.createdAt,
  runAt: job.runAt,
});
