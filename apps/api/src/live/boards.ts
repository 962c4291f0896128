import type { BatchStatus, QueueStats } from '@longshore/contract';
import { jobStates } from '@longshore/contract';
import type { Reads } from '@longshore/db';
import { createSharedLook } from './shared-look.ts';
import type { StreamEvent } from './streams.ts';
import { createTurns } from './turns.ts';

/** Looks at a time, at whatever callers name: the other connections are for calls. */
const looksMax = 4;

/** Counts that dashboards follow: one look a second for each batch and each org, however many follow. */
export const createBoards = ({ batchStatus, queues }: Pick<Reads, 'batchStatus' | 'queues'>) => {
  const turns = createTurns(looksMax);
  const batches = createSharedLook(
    (key: string) => {
      const [orgId, ...batchId] = key.split(' ');
      return batchStatus(Number(orgId), batchId.join(' '));
    },
    { turns },
  );
  const orgs = createSharedLook((orgId: number) => queues(orgId), { turns });

  return {
    watchBatch: async function* (
      orgId: number,
      { batchId, lastEventId }: { batchId: string; lastEventId?: string | undefined },
      signal: AbortSignal,
    ): AsyncGenerator<StreamEvent<BatchStatus>> {
      let told = lastEventId;
      for await (const event of batches.follow(`${orgId} ${batchId}`, signal)) {
        const id = jobStates.map((state) => event.byState[state]).join('-');
        if (id !== told) yield { id, event };
        told = id;
        if (event.isDone) return;
      }
    },

    watchQueue: async function* (
      orgId: number,
      { queue, lastEventId }: { queue: string; lastEventId?: string | undefined },
      signal: AbortSignal,
    ): AsyncGenerator<StreamEvent<QueueStats>> {
      let told = lastEventId;
      for await (const stats of orgs.follow(orgId, signal)) {
        const event = stats.find((one) => one.queue === queue) ?? emptyQueue(queue);
        const id = idOf(event);
        if (id !== told) yield { id, event };
        told = id;
      }
    },
  };
};

const idOf = ({ queue: _, oldestAvailableSeconds, ...counts }: QueueStats): string =>
  [
    ...Object.values(counts),
    oldestAvailableSeconds === null ? 'none' : Math.floor(oldestAvailableSeconds),
  ].join('-');

/** A queue is there as soon as somebody names it. */
const emptyQueue = (queue: string): QueueStats => ({
  queue,
  isPaused: false,
  blocked: 0,
  scheduled: 0,
  available: 0,
  running: 0,
  oldestAvailableSeconds: null,
});
