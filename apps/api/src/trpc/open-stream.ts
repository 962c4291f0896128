import type { Principal } from '@longshore/db';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import type { StreamEvent } from '../live/streams.ts';
import type { Context } from './context.ts';

/**
 * What a subscription answers: a stream that is counted, ends with its key and with the process, and whose events carry the ids
 * to go on from. `makeEvents` gets a signal that is aborted when nobody listens any more. Throws RATE_LIMITED or UNAVAILABLE.
 */
export const openStream = <Event>(
  ctx: Context & { principal: Principal },
  caller: AbortSignal | undefined,
  makeEvents: (signal: AbortSignal) => AsyncIterable<StreamEvent<Event>>,
): AsyncIterable<TrackedEnvelope<Event> | Event, void> => {
  const { authorization, xApiKey, address } = ctx;
  const events = ctx.parts.live.streams.open(
    {
      credentials: { authorization, xApiKey, address },
      keyId: ctx.principal.keyId,
      signal: caller,
      whenWritable: ctx.whenWritable,
    },
    makeEvents,
  );
  return trackEvents(events);
};

async function* trackEvents<Event>(
  events: AsyncIterable<StreamEvent<Event>>,
): AsyncGenerator<TrackedEnvelope<Event> | Event, void> {
  for await (const { id, event } of events) yield id === undefined ? event : tracked(id, event);
}
