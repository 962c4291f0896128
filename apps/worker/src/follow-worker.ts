import { LongshoreError, type Worker } from '@longshore/sdk';
import type { Log, LogFields } from './log.ts';

/**
 * Writes what a worker tells into a log. Failures are told by name and code: their message may quote a payload, and is
 * kept with the job.
 */
export const followWorker = (worker: Worker, log: Log): void => {
  worker.on('sessionOpened', ({ sessionId, workerName }) =>
    log.info('session open', { sessionId, worker: workerName }),
  );
  worker.on('sessionLost', ({ sessionId, error }) =>
    log.warn('session lost; its jobs go to others', { sessionId, code: error.code }),
  );
  worker.on('jobStarted', ({ job }) => log.debug('job started', fieldsOf(job)));
  worker.on('jobCompleted', ({ job }) => log.debug('job completed', fieldsOf(job)));
  worker.on('jobFailed', ({ job, error, state }) =>
    log.warn('attempt failed', { ...fieldsOf(job), error: error.name, code: error.code, state }),
  );
  worker.on('jobSnoozed', ({ job, delaySeconds }) =>
    log.debug('job snoozed', { ...fieldsOf(job), delaySeconds }),
  );
  worker.on('jobReleased', ({ job }) => log.info('job given back', fieldsOf(job)));
  worker.on('leaseLost', ({ job, error }) =>
    log.warn('lease lost', { ...fieldsOf(job), code: error.code, reason: error.message }),
  );
  worker.on('draining', () => log.info('draining: claims nothing more, as it was told'));
  worker.on('resumed', () => log.info('resumed: claims again, as it was told'));
  worker.on('logLevel', ({ level }) => {
    log.setLevel(level);
    log.info('log level set', { level });
  });
  worker.on('error', ({ during, error, job }) =>
    log.error(`${during} failed`, { ...(job && fieldsOf(job)), ...describeError(error) }),
  );
};

const fieldsOf = (job: { id: string; kind: string; attempt: number }): LogFields => ({
  jobId: job.id,
  kind: job.kind,
  attempt: job.attempt,
});

const describeError = (error: unknown): LogFields => {
  if (error instanceof LongshoreError) return { code: error.code, reason: error.message };
  return { code: error instanceof Error ? error.name : typeof error };
};
