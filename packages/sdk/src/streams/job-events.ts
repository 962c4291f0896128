import type { JobWatchEvent, WatchedJob } from '@longshore/contract';
import type { JobDefinition, JobTypes } from '../define-job.ts';
import { readJob, readProgress, requireKind } from '../read-job.ts';
import type { StreamedEvent } from './subscription.ts';

/** What a watched job tells, each with the id to go on behind it. */
export type JobEventStream<Event> = AsyncGenerator<Event & { id: string }, void, void>;

/** An event as the definition of its job reads it. */
export type TypedJobWatchEvent<Types extends JobTypes> = JobWatchEvent<
  Types['payload'],
  Types['result'],
  Types['progress']
>;

/** Plain events, up to the final state. Not every stream is told its end: a connection may break right behind it. */
export async function* toJobEvents(events: AsyncIterable<StreamedEvent>): JobEventStream<JobWatchEvent> {
  for await (const { id = '', data } of events) {
    const event = data as JobWatchEvent;
    yield { ...event, id };
    if (event.type === 'state' && isWhole(event.job)) return;
  }
}

/** The same by the schemas of a definition. Throws INVALID_INPUT when the job is of another kind or they refuse what it holds. */
export async function* readJobEvents<Types extends JobTypes>(
  definition: JobDefinition<Types>,
  events: JobEventStream<JobWatchEvent>,
): JobEventStream<TypedJobWatchEvent<Types>> {
  for await (const event of events) {
    switch (event.type) {
      case 'state':
        yield { ...event, job: await readWatchedJob(definition, event.job) };
        break;
      case 'progress':
        yield { ...event, progress: (await readProgress(definition, event.progress)) as Types['progress'] };
        break;
      default:
        yield event;
    }
  }
}

const readWatchedJob = async <Types extends JobTypes>(
  definition: JobDefinition<Types>,
  job: WatchedJob,
): Promise<WatchedJob<Types['payload'], Types['result'], Types['progress']>> => {
  requireKind(definition, job);
  if (isWhole(job)) return (await readJob(definition, job)) as WatchedJob<Types['payload'], Types['result']>;
  if (job.state !== 'running') return job;
  return { ...job, progress: await readProgress(definition, job.progress) };
};

/** A final job comes with its payload. */
const isWhole = (job: WatchedJob): job is Extract<WatchedJob, { payload: unknown }> => 'payload' in job;
