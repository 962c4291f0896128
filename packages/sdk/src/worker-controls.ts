import { LongshoreError } from '@longshore/contract';
import type { ClaimGate } from './claim-gate.ts';
import type { JobRunner } from './job-runner.ts';
import type { WorkerControls } from './messages/perform-message.ts';
import type { Events } from './typed-events.ts';
import type { WorkerEvents } from './worker-events.ts';

export interface WorkerControlsOptions {
  gate: ClaimGate;
  runner: JobRunner;
  events: Events<WorkerEvents>;
  /** What heartbeats say of the process has changed. */
  onPosture(): void;
}

/** What can be asked of a running worker from outside. */
export const createWorkerControls = ({
  gate,
  runner,
  events,
  onPosture,
}: WorkerControlsOptions): WorkerControls => ({
  drain: async () => {
    const isNews = gate.isOpen;
    const whenQuiet = gate.close();
    runner.giveBackUnstarted();
    if (isNews) events.emit('draining', {});
    onPosture();
    await whenQuiet;
  },
  resume: () => {
    if (!gate.isOpen) events.emit('resumed', {});
    gate.open();
    onPosture();
  },
  setConcurrency: (concurrency) => {
    runner.setConcurrency(concurrency);
    onPosture();
  },
  cancelJobs: (jobIds) =>
    runner.cancel(jobIds, new LongshoreError('JOB_CANCELLED', 'The job was cancelled.')),
  setLogLevel: (level) => events.emit('logLevel', { level }),
});
