import { type ClaimedJob, LongshoreError } from '@longshore/contract';
import type { JobHandler } from './define-job.ts';
import type { JobContext, JobInfo } from './job-context.ts';
import { SnoozeError } from './job-errors.ts';
import { type JobOutcome, outcomeOfAbort, outcomeOfError, outcomeOfResult } from './job-outcome.ts';
import type { ProgressReporter } from './progress-reporter.ts';

/** The longest wait that a timer can hold; longer ones fire at once. */
const timerMsMax = 2 ** 31 - 1;

/** One run of a claimed job, from its claim to its outcome. */
export interface JobRun {
  readonly job: ClaimedJob;
  readonly info: JobInfo;
  /** Runs the handler. */
  start(): Promise<void>;
  /**
   * Tells the handler to stop. Unless it finishes its work all the same, the run has this outcome, by default what the
   * reason says, when the handler settles or the grace is over. False when the run has ended or was told before.
   */
  abort(reason: LongshoreError, outcome?: JobOutcome): boolean;
  /** Waits no longer for a handler that was told to stop. */
  abandon(): void;
  /** Ends the run with this outcome, unless it has ended. */
  end(outcome: JobOutcome): void;
}

export interface JobRunOptions {
  job: ClaimedJob;
  handler: JobHandler;
  abortGraceSeconds: number;
  createReporter(): ProgressReporter;
  /** Called once. */
  onEnd(run: JobRun, outcome: JobOutcome): void;
}

/**
 * Prepares a run. What most jobs never use (signal, timers, reporter) is made when it is first asked for: at 50,000 jobs
 * a second an AbortController a job would be a tenth of the work.
 */
export const createJobRun = (options: JobRunOptions): JobRun => {
  const { job, handler, abortGraceSeconds, createReporter, onEnd } = options;
  let isEnded = false;
  let aborted: { reason: LongshoreError; outcome: JobOutcome } | undefined;
  let controller: AbortController | undefined;
  let reporter: ProgressReporter | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;

  const start = async (): Promise<void> => {
    startDeadline();
    const outcome = await performJob();
    if (reporter && outcome.type !== 'lost' && !isEnded) await reporter.flush();
    end(outcome);
  };

  const performJob = async (): Promise<JobOutcome> => {
    try {
      return outcomeOfResult(await handler.perform(job.payload, context));
    } catch (error) {
      return aborted?.outcome ?? outcomeOfError(error);
    }
  };

  const startDeadline = (): void => {
    if (job.timeoutSeconds === null || job.timeoutSeconds * 1_000 > timerMsMax) return;
    const reason = `The job did not finish within its ${job.timeoutSeconds} s.`;
    deadline = setTimeout(() => abort(new LongshoreError('TIMEOUT', reason)), job.timeoutSeconds * 1_000);
  };

  const abort = (reason: LongshoreError, outcome = outcomeOfAbort(reason)): boolean => {
    if (isEnded || aborted) return false;
    aborted = { reason, outcome };
    grace = setTimeout(abandon, abortGraceSeconds * 1_000);
    controller?.abort(reason);
    return true;
  };

  const abandon = (): void => {
    if (aborted) end(aborted.outcome);
  };

  const end = (outcome: JobOutcome): void => {
    if (isEnded) return;
    isEnded = true;
    clearTimeout(deadline);
    clearTimeout(grace);
    onEnd(run, outcome);
  };

  const getSignal = (): AbortSignal => {
    controller ??= new AbortController();
    if (aborted && !controller.signal.aborted) controller.abort(aborted.reason);
    return controller.signal;
  };

  const getReporter = (): ProgressReporter => {
    reporter ??= createReporter();
    return reporter;
  };

  const info = toJobInfo(job);
  const context: JobContext = {
    job: info,
    attempt: job.attempt,
    maxAttempts: job.maxAttempts,
    idempotencyKey: job.id,
    fencingToken: job.fencingToken,
    get signal() {
      return getSignal();
    },
    progress: (value) => {
      if (!isEnded) getReporter().progress(value);
    },
    log: (line, stream = 'log') => {
      if (!isEnded) getReporter().log(line, stream);
    },
    snooze: (delaySeconds) => {
      throw new SnoozeError(delaySeconds);
    },
  };
  const run: JobRun = { job, info, start, abort, abandon, end };
  return run;
};

const toJobInfo = ({ payload: _, leaseToken: __, ...info }: ClaimedJob): JobInfo => info;
