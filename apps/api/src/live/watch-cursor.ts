import { LongshoreError } from '@longshore/contract';

/**
 * How far somebody has followed a job. It is written into the id of each event from what the database holds, so that it means the
 * same on every process and after restarts: `running.3-1763839394123456-57` has told of the third claim, the progress of that
 * microsecond and 57 lines of output.
 */
export interface WatchCursor {
  state: string;
  progress: string;
  lines: number;
}

export const startCursor: WatchCursor = { state: 'none.0', progress: '0', lines: 0 };

export const writeCursor = ({ state, progress, lines }: WatchCursor): string =>
  `${state}-${progress}-${lines}`;

/** Throws INVALID_INPUT for what is no id of such an event. */
export const readCursor = (text: string): WatchCursor => {
  const [, state, progress, lines] = /^([a-z]{1,20}\.\d{1,10}c?)-(\d{1,20})-(\d{1,9})$/.exec(text) ?? [];
  if (state === undefined || progress === undefined || lines === undefined) throw notOurs();
  return { state, progress, lines: Number(lines) };
};

const notOurs = (): LongshoreError =>
  new LongshoreError('INVALID_INPUT', 'lastEventId is not the id of an event of this stream', {
    field: 'lastEventId',
    hint: 'Send the id of the last event as it came, or leave it out to begin with how things stand.',
  });
