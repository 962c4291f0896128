import { isFinal, type Job, LongshoreError, type WaitManyAnswer } from '@longshore/contract';
import type { Reads } from '@longshore/db';
import type { Follow, WatchHub } from './live/watch-hub.ts';
import { JsonText } from './trpc/json-text.ts';

export interface WaitsOptions extends Pick<Reads, 'getJob' | 'watchJobs' | 'readWatched'> {
  hub: Pick<WatchHub, 'follow'>;
}

interface Patience {
  orgId: number;
  waitSeconds: number;
  /** Aborted when the caller hangs up. */
  signal: AbortSignal | undefined;
}

/** Where callers wait for jobs to become final. Whoever waits when the process closes is answered with what is. */
export interface Waits {
  /** The job once it is final, or null after `waitSeconds`. Throws NOT_FOUND. */
  wait(call: Patience & { id: string }): Promise<Job | null>;
  /** Those that are final, as soon as one is; none after `waitSeconds`. */
  waitMany(call: Patience & { ids: string[] }): Promise<WaitManyAnswer>;
}

/** Of the jobs in one answer; the first is always in it. */
const answerBytesMax = 4_194_304;
const jobsARead = 10;

export const createWaits = ({ hub, getJob, watchJobs, readWatched }: WaitsOptions): Waits => ({
  wait: ({ id, ...patience }) =>
    lookUntil(hub, [id], patience, async () => {
      const job = await getJob(patience.orgId, id);
      if (!job) throw new LongshoreError('NOT_FOUND', 'there is no job with this id', { field: 'id' });
      return isFinal(job.state) ? job : null;
    }),

  waitMany: async ({ ids, ...patience }) => {
    const { orgId } = patience;
    const found = await lookUntil(hub, ids, patience, async () => {
      const there = await watchJobs(ids.map((id) => ({ orgId, id, mark: null })));
      const final = there.filter((job) => job.isFinal).map(({ id }) => id);
      const live = new Set(there.map(({ id }) => id));
      const missing = ids.filter((id) => !live.has(id));
      return final.length > 0 || missing.length > 0 ? { final, missing } : null;
    });
    if (!found) return { jobs: [], missing: [] };
    const jobs = await readTexts(found.final, (some) => readWatched(orgId, some));
    return JsonText.of(`{"jobs":[${jobs}],"missing":${JSON.stringify(found.missing)}}`);
  },
});

/** What `look` finds, now or after a job became final; null when the patience is at its end. */
const lookUntil = async <Found>(
  hub: WaitsOptions['hub'],
  ids: string[],
  { orgId, waitSeconds, signal }: Patience,
  look: () => Promise<Found | null>,
): Promise<Found | null> => {
  const following = hub.follow(
    ids.map((id) => ({ orgId, id })),
    { finalOnly: true },
  );
  const deadline = setTimeout(following.end, waitSeconds * 1_000);
  signal?.addEventListener('abort', following.end);
  if (signal?.aborted) following.end();
  try {
    return await lookAtChanges(following, look);
  } finally {
    following.end();
    signal?.removeEventListener('abort', following.end);
    clearTimeout(deadline);
  }
};

const lookAtChanges = async <Found>(
  following: Follow,
  look: () => Promise<Found | null>,
): Promise<Found | null> => {
  for (;;) {
    const change = following.nextChange();
    const isLast = following.isOver;
    const found = await look();
    if (found || isLast) return found;
    await change;
  }
};

/** Finished jobs as JSON, as many as fit into an answer. */
const readTexts = async (ids: string[], read: (ids: string[]) => ReturnType<Reads['readWatched']>) => {
  const texts: string[] = [];
  let bytes = 0;
  for (let from = 0; from < ids.length; from += jobsARead) {
    for (const row of await read(ids.slice(from, from + jobsARead))) {
      // One that somebody has retried meanwhile is live again.
      if (!row || !isFinal(row.job.state)) continue;
      const text = JSON.stringify(row.job);
      bytes += Buffer.byteLength(text);
      if (texts.length > 0 && bytes > answerBytesMax) return texts.join(',');
      texts.push(text);
    }
  }
  return texts.join(',');
};
