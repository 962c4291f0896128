import { setTimeout as delay } from 'node:timers/promises';
import type { BatchStatus, Client } from '@longshore/sdk';
import type { Output } from '../output.ts';
import { type ProgressLine, renderBar } from '../progress-line.ts';
import { renderCount } from '../render-numbers.ts';
import type { Child } from '../stack/child-process.ts';
import type { Story } from '../stack/story.ts';
import type { Work } from './submit-work.ts';

export interface WatchOptions {
  client: Client;
  work: Work;
  /** The worker to kill once half of the jobs are done. */
  victim: Child;
  output: Output;
  story: Story;
  signal: AbortSignal;
  leaseSeconds: number;
}

const pollMs = 50;

/** Shows how far the batch is until it is done, and kills a worker on the way. Resolves with the worker it killed. */
export const watchBatch = async (options: WatchOptions): Promise<Child | null> => {
  const { client, work, output, story, signal } = options;
  const progress = output.startProgress();
  let killed: Child | null = null;
  try {
    for (;;) {
      const status = await client.batchStatus(work.batchId);
      showProgress(progress, status, output);
      if (status.isDone) break;
      if (!killed && status.byState.completed >= work.jobs / 2) killed = await killVictim(options, status);
      await delay(pollMs, undefined, { signal });
    }
  } finally {
    progress.end();
  }
  if (!killed)
    story.warn('no kill', 'All was done before a worker could be killed half-way: try a larger folder.');
  return killed;
};

const showProgress = (progress: ProgressLine, { byState, total }: BatchStatus, { paint }: Output): void => {
  const fraction = total === 0 ? 0 : byState.completed / total;
  const percent = `${Math.floor(fraction * 100)} %`.padStart(7);
  const counts = `${renderCount(byState.completed)} of ${renderCount(total)} done, ${byState.running} in workers’ hands`;
  progress.show(fraction, `  ${paint('cyan', renderBar(fraction, 30))}${percent}  ${counts}`);
};

const killVictim = async (options: WatchOptions, { byState }: BatchStatus): Promise<Child> => {
  const { client, work, victim, output, story, leaseSeconds } = options;
  victim.kill();
  await victim.ended;
  const { jobs } = await client.list({ batchId: work.batchId, state: 'running', limit: 1_000 });
  const held = jobs.filter((job) => job.state === 'running' && job.worker?.name === victim.name).length;
  story.plain();
  output.tell(
    `  ${output.paint('red', '✗')} ${output.paint('bold', `${victim.name} killed with SIGKILL`)} after ` +
      `${renderCount(byState.completed)} jobs, with ${held} more in its hands. Nobody starts it again.`,
  );
  story.plain(
    `  Its lease runs out ${leaseSeconds} s after its last heartbeat; then the other worker gets those jobs.`,
  );
  story.plain();
  return victim;
};
