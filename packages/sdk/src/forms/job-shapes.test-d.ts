import { expectTypeOf } from 'vitest';
import {
  type AnyJob,
  isCompleteJob,
  isRunningJob,
  JobWorker,
  type PendingJob,
  type RunningJob,
} from './job-worker.ts';
import { QueueClient, type QueueJobState } from './queue-client.ts';
import { WorkerPool } from './worker-pool.ts';

// Compiled by `tsc -b`, never run: each line with @ts-expect-error must not compile, every other must.

interface Draft {
  title: string;
}
interface Stage {
  stage: 'fetching' | 'writing';
  percentage: number;
}

const readJob = (job: AnyJob): void => {
  // @ts-expect-error a job has a result only when it is complete
  job.result;
  // @ts-expect-error a job has progress only while it runs
  job.progress;
  expectTypeOf(job.metadata.retryCount).toEqualTypeOf<number>();
  switch (job.status) {
    case 'pending':
      expectTypeOf(job).toEqualTypeOf<PendingJob>();
      break;
    case 'running':
      expectTypeOf(job.startedAt).toEqualTypeOf<string>();
      break;
    case 'failed':
      expectTypeOf(job.error).toEqualTypeOf<string>();
      expectTypeOf(job.startedAt).toEqualTypeOf<string | undefined>();
      break;
    case 'cancelled':
      // @ts-expect-error a cancelled job has no error
      job.error;
      break;
    case 'complete':
      expectTypeOf(job.result).toEqualTypeOf<unknown>();
  }
  if (isCompleteJob(job)) expectTypeOf(job.completedAt).toEqualTypeOf<string>();
};

class DraftWorker extends JobWorker {
  protected override getWorkerName(): string {
    return 'DraftWorker';
  }

  protected override canProcessJob(job: AnyJob): boolean {
    readJob(job);
    return job.metadata.type === 'draft';
  }

  protected override async executeJob(job: AnyJob): Promise<{ words: number }> {
    if (!isRunningJob(job)) throw new Error('Job must be running');
    const draft = job as RunningJob<Draft, Stage>;
    expectTypeOf(draft.params.title).toEqualTypeOf<string>();
    expectTypeOf(draft.progress.stage).toEqualTypeOf<Stage['stage'] | undefined>();
    const next: RunningJob<Draft, Stage> = { ...draft, progress: { stage: 'writing', percentage: 50 } };
    // @ts-expect-error there is no such stage
    const wrong: RunningJob<Draft, Stage> = { ...draft, progress: { stage: 'dreaming', percentage: 50 } };
    await this.updateJobProgress(wrong);
    await this.getJobQueue().updateJob(next);
    return { words: draft.params.title.length };
  }

  isDraft(job: AnyJob): job is RunningJob<Draft, Stage> {
    return job.status === 'running' && job.metadata.type === 'draft';
  }
}

// @ts-expect-error the class is abstract
new JobWorker();
new DraftWorker(1_000, 5_000, { kinds: ['draft'] });

const queue = new QueueClient({ name: 'drafts' });
expectTypeOf(queue.getJobState('x')).resolves.toEqualTypeOf<QueueJobState>();
expectTypeOf<QueueJobState>().toEqualTypeOf<
  'waiting' | 'active' | 'completed' | 'failed' | 'delayed' | 'unknown'
>();
// @ts-expect-error only what has finished is cleaned
queue.clean(0, 1, 'delayed');
// @ts-expect-error a pool needs processors
new WorkerPool({ concurrency: 1 });
new WorkerPool({ processors: { draft: (payload: Draft) => payload.title } });
