import { type JobState, LongshoreError } from '@longshore/contract';
import { type JobOutcome, outcomeOfRefusal } from './job-outcome.ts';
import type { JobRun } from './job-run.ts';
import type { Events } from './typed-events.ts';
import type { WorkerEvents } from './worker-events.ts';
import type { FinishOutcome, WorkerSession } from './worker-session.ts';

/**
 * Tells the server how a run ended, and the listeners what became of the job. The job stays in the heartbeats until the
 * server has answered. Never rejects.
 */
export const tellOutcome = async (
  events: Events<WorkerEvents>,
  session: WorkerSession,
  run: JobRun,
  outcome: JobOutcome,
): Promise<void> => {
  if (outcome.type === 'lost') return session.drop(run.job);
  try {
    const answer = await session.finish(run.job, outcome);
    if (!answer.ok) throw LongshoreError.fromBody(answer.error);
    session.drop(run.job);
    announce(events, run, outcome, answer.state);
  } catch (error) {
    if (isRefusedOutcome(error) && outcome.type !== 'fail') {
      return tellOutcome(events, session, run, outcomeOfRefusal(error));
    }
    session.drop(run.job);
    announceTrouble(events, session, run, error);
  }
};

const announce = (
  events: Events<WorkerEvents>,
  run: JobRun,
  outcome: FinishOutcome,
  state: JobState,
): void => {
  switch (outcome.type) {
    case 'complete':
      if (events.isHeard('jobCompleted')) events.emit('jobCompleted', { job: run.info });
      break;
    case 'fail':
      events.emit('jobFailed', { job: run.info, error: outcome.error, state });
      break;
    case 'snooze':
      events.emit('jobSnoozed', { job: run.info, delaySeconds: outcome.delaySeconds });
      break;
    case 'release':
      events.emit('jobReleased', { job: run.info });
      break;
  }
};

const announceTrouble = (
  events: Events<WorkerEvents>,
  { signal }: WorkerSession,
  { info }: JobRun,
  error: unknown,
): void => {
  const reason: unknown = signal.aborted ? signal.reason : error;
  if (reason instanceof LongshoreError && ['LEASE_LOST', 'SESSION_LOST', 'NOT_FOUND'].includes(reason.code)) {
    events.emit('leaseLost', { job: info, error: reason });
  } else {
    events.emit('error', { during: 'finish', error: reason, job: info });
  }
};

/** The server will never take this outcome, but it must learn that the job failed. */
const isRefusedOutcome = (error: unknown): error is LongshoreError =>
  error instanceof LongshoreError && ['INVALID_INPUT', 'TOO_LARGE'].includes(error.code);
