import { LongshoreError } from '@longshore/contract';
import type { Authenticator, Credentials } from '../authentication.ts';

export interface StreamsOptions {
  authenticate: Authenticator['authenticate'];
  /** Streams of this process at most, and of one key among them. */
  streamsMax: number;
  streamsPerKeyMax: number;
  onError(error: unknown): void;
  /** Between two looks at the keys of those who listen. Default 1,000. */
  recheckMs?: number;
}

/** Something that happened, and from where a stream goes on behind it; without an id it begins anew. */
export interface StreamEvent<Event> {
  id?: string;
  event: Event;
}

/** Who listens. */
export interface Listening {
  credentials: Credentials;
  keyId: string;
  /** Aborted when the caller hangs up. */
  signal: AbortSignal | undefined;
  /** Resolves when the connection takes more; left out where whoever pulls the events waits for that himself. */
  whenWritable?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** The streams of events that this process is sending. */
export interface Streams {
  /**
   * Counts a stream from now until its events or its caller end. The events end, by an error, when the key is good no longer
   * and when the process closes. Throws RATE_LIMITED for too many streams of a key, UNAVAILABLE for too many in all.
   */
  open<Event>(
    listening: Listening,
    makeEvents: (signal: AbortSignal) => AsyncIterable<StreamEvent<Event>>,
  ): AsyncIterable<StreamEvent<Event>>;
  /** Keys may have been revoked: looks at once, not at the next second. */
  recheck(): void;
  readonly count: number;
  close(): void;
}

interface Stream {
  credentials: Credentials;
  ending: AbortController;
}

export const createStreams = (options: StreamsOptions): Streams => {
  const { authenticate, streamsMax, streamsPerKeyMax, onError, recheckMs = 1_000 } = options;
  const byKey = new Map<string, Set<Stream>>();
  let count = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;

  const requireRoom = (keyId: string): void => {
    if (isClosed) throw closing();
    if (count >= streamsMax) throw tooManyInAll(streamsMax);
    if ((byKey.get(keyId)?.size ?? 0) >= streamsPerKeyMax) throw tooManyOfKey(streamsPerKeyMax);
  };

  /** Answers how to give the place back, which may be called again. */
  const take = (keyId: string, stream: Stream): (() => void) => {
    const ofKey = byKey.get(keyId) ?? new Set();
    byKey.set(keyId, ofKey.add(stream));
    count += 1;
    lookLater();
    return () => {
      if (!ofKey.delete(stream)) return;
      count -= 1;
      if (ofKey.size === 0 && byKey.get(keyId) === ofKey) byKey.delete(keyId);
    };
  };

  const look = async (): Promise<void> => {
    isLooking = true;
    const keys = [...byKey.values()];
    // Few at a time, so that the calls of everybody else need not queue behind them.
    for (let from = 0; from < keys.length; from += 5) {
      await Promise.all(keys.slice(from, from + 5).map(lookAtKey));
    }
    isLooking = false;
    lookLater();
  };

  const lookAtKey = async (streams: Set<Stream>): Promise<void> => {
    const [first] = streams;
    if (!first) return;
    try {
      await authenticate(first.credentials);
    } catch (error) {
      if (!(error instanceof LongshoreError && error.code === 'UNAUTHENTICATED')) return onError(error);
      for (const stream of streams) stream.ending.abort(error);
    }
  };

  const lookLater = (): void => {
    clearTimeout(timer);
    if (count > 0 && !isClosed && !isLooking) timer = setTimeout(() => void look(), recheckMs);
  };

  return {
    open: ({ credentials, keyId, signal, whenWritable }, makeEvents) => {
      requireRoom(keyId);
      const stream = { credentials, ending: new AbortController() };
      const leave = take(keyId, stream);
      // Events that nobody ever asks for do not end either.
      signal?.addEventListener('abort', leave, { once: true });
      if (signal?.aborted) leave();
      return sendEvents({ ending: stream.ending.signal, caller: signal, whenWritable, leave }, makeEvents);
    },
    recheck: () => {
      if (count > 0 && !isLooking && !isClosed) void look();
    },
    get count() {
      return count;
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      for (const streams of byKey.values()) for (const { ending } of streams) ending.abort(closing());
    },
  };
};

interface Ends {
  ending: AbortSignal;
  caller: AbortSignal | undefined;
  whenWritable: Listening['whenWritable'];
  leave(): void;
}

async function* sendEvents<Event>(
  { ending, caller, whenWritable, leave }: Ends,
  makeEvents: (signal: AbortSignal) => AsyncIterable<StreamEvent<Event>>,
): AsyncGenerator<StreamEvent<Event>, void> {
  const signal = caller ? AbortSignal.any([caller, ending]) : ending;
  try {
    for await (const event of makeEvents(signal)) {
      await whenWritable?.(signal);
      if (signal.aborted) break;
      yield event;
      if (signal.aborted) break;
    }
    if (ending.aborted) throw ending.reason;
  } finally {
    leave();
  }
}

const closing = (): LongshoreError =>
  new LongshoreError('UNAVAILABLE', 'the server is shutting down', {
    hint: 'Connect again with the id of the last event; another process goes on from there.',
  });

const tooManyInAll = (streamsMax: number): LongshoreError =>
  new LongshoreError('UNAVAILABLE', `this process sends ${streamsMax} streams already`, {
    hint: 'Connect again, so that another process may take it, or raise LONGSHORE_STREAMS_MAX.',
    retryAfterSeconds: 1,
  });

const tooManyOfKey = (streamsMax: number): LongshoreError =>
  new LongshoreError('RATE_LIMITED', `this key has ${streamsMax} streams open on this process already`, {
    hint: 'Close streams that nobody reads, share one between readers, or raise LONGSHORE_STREAMS_PER_KEY_MAX.',
    retryAfterSeconds: 5,
  });
