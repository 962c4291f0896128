import { isFinal, type JobWatchEvent, type JsonValue, LongshoreError } from '@longshore/contract';
import type { JobPlace, Reads, WatchedJobRow } from '@longshore/db';
import { createKeyedGatherer } from '../gatherer.ts';
import type { StreamEvent } from './streams.ts';
import { readCursor, startCursor, type WatchCursor, writeCursor } from './watch-cursor.ts';
import type { WatchHub } from './watch-hub.ts';

export interface JobWatchOptions extends Pick<Reads, 'readWatched' | 'readOutputPages'> {
  hub: WatchHub;
}

/** Jobs and pages that one read may bring: finished jobs come whole. */
const gathering = { itemsMax: 50, inFlightMax: 2 };
/** Of one event, so that a watcher who reads slowly holds little. */
const pageLimits = { linesMax: 500, bytesMax: 65_536 };

/**
 * Follows jobs. A watcher is a cursor, not a queue: each time somebody takes an event it is looked what there is beyond the
 * cursor, so a slow one costs no memory and gets the newest state and progress, and all output. Reads of watchers that are told
 * at the same time are gathered.
 */
export const createJobWatch = ({ hub, ...reads }: JobWatchOptions) => {
  const readJobs = createKeyedGatherer(reads.readWatched, gathering);
  const readPages = createKeyedGatherer(
    (orgId: number, pages: { id: string; afterId: number }[]) =>
      reads.readOutputPages(orgId, pages, pageLimits),
    gathering,
  );

  const look = async ({ orgId, id }: JobPlace): Promise<WatchedJobRow> => {
    const [row] = await readJobs(orgId, [id]);
    if (row) return row;
    throw new LongshoreError('NOT_FOUND', 'there is no job with this id', { field: 'id' });
  };

  async function* tellOutput(
    { orgId, id }: JobPlace,
    cursor: WatchCursor,
    linesNow: number,
  ): AsyncGenerator<StreamEvent<JobWatchEvent>> {
    while (cursor.lines < linesNow) {
      const [lines = []] = await readPages(orgId, [{ id, afterId: cursor.lines }]);
      // What has been pruned is passed over.
      cursor.lines = lines.at(-1)?.id ?? linesNow;
      if (lines.length > 0) yield { id: writeCursor(cursor), event: { type: 'output', lines } };
    }
  }

  /** What a look found beyond the cursor, which moves along. */
  async function* tellNews(
    place: JobPlace,
    cursor: WatchCursor,
    { job, state, progress, outputLines }: WatchedJobRow,
  ): AsyncGenerator<StreamEvent<JobWatchEvent>> {
    const isEnd = isFinal(job.state);
    if (isEnd) yield* tellOutput(place, cursor, outputLines);
    if (state !== cursor.state) {
      if (!isSameClaim(state, cursor.state)) cursor.progress = '0';
      cursor.state = state;
      yield { id: writeCursor(cursor), event: { type: 'state', job } };
    }
    if (progress && progress.micros !== cursor.progress) {
      cursor.progress = progress.micros;
      const { value, at } = progress;
      yield { id: writeCursor(cursor), event: { type: 'progress', progress: value as JsonValue, at } };
    }
    if (!isEnd) yield* tellOutput(place, cursor, outputLines);
  }

  async function* follow(
    place: JobPlace,
    from: WatchCursor,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent<JobWatchEvent>> {
    const cursor = { ...from };
    const following = hub.follow([place]);
    signal.addEventListener('abort', following.end);
    try {
      while (!signal.aborted) {
        const change = following.nextChange();
        const row = await look(place);
        yield* tellNews(place, cursor, row);
        if (isFinal(row.job.state)) return;
        await change;
      }
    } finally {
      signal.removeEventListener('abort', following.end);
      following.end();
    }
  }

  return {
    /** Throws NOT_FOUND, and INVALID_INPUT for an id of no event; everything later is in the events. */
    watchJob: async (place: JobPlace, lastEventId: string | undefined) => {
      const cursor = lastEventId === undefined ? startCursor : readCursor(lastEventId);
      await look(place);
      return (signal: AbortSignal) => follow(place, cursor, signal);
    },
  };
};

/** Whether only a request to cancel lies between two states. */
const isSameClaim = (one: string, other: string): boolean =>
  one.replace(/c$/, '') === other.replace(/c$/, '');
