import { type AnyTRPCProcedure, callTRPCProcedure, getTRPCErrorFromUnknown, TRPCError } from '@trpc/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toLongshoreError } from '../error-answer.ts';
import { createEventStream } from '../live/event-stream.ts';
import type { Parts } from '../parts.ts';
import { createContext } from './context.ts';
import { appRouter } from './router.ts';
import { shapeOf, signalOf } from './single-call.ts';

/** Whether the procedure of this path answers with a stream of events. */
export const isSubscription = (path: string): boolean =>
  Object.hasOwn(procedures, path) && procedures[path]?._def.type === 'subscription';

/** By their paths, such as `jobs.watch`; the type has them nested. */
const procedures = appRouter._def.procedures as unknown as Record<string, AnyTRPCProcedure>;

/**
 * Answers a subscription by Server-Sent Events. What is wrong before the first event is an answer like that of any other call, with
 * its status; tRPC's own adapter would say it inside a stream of status 200.
 */
export const answerSubscription = async (
  path: string,
  { parts, request, reply }: { parts: Parts; request: FastifyRequest; reply: FastifyReply },
  noteError: (error: TRPCError) => Record<string, string>,
): Promise<FastifyReply> => {
  const ctx = createContext(parts, request, reply);
  const shapeOfError = (error: TRPCError) => shapeOf(error, 'subscription', path, ctx);
  const shapeOfEnd = (thrown: unknown) => {
    const error = getTRPCErrorFromUnknown(thrown);
    // A database that is away, or a process that closes, ends all streams at once and is told of elsewhere.
    if (!toLongshoreError(error).isRetryable) noteError(error);
    return shapeOfError(error);
  };
  try {
    if (request.method !== 'GET') throw new TRPCError({ code: 'METHOD_NOT_SUPPORTED' });
    const events = (await callTRPCProcedure({
      router: appRouter,
      path,
      getRawInput: async () => inputOf(request),
      ctx,
      type: 'subscription',
      signal: signalOf(reply),
      batchIndex: 0,
    })) as AsyncIterable<unknown>;
    parts.live.stallGuard.watch(request.raw.socket);
    reply.headers(headersOfStream);
    return reply.send(createEventStream({ events, shapeOf: shapeOfEnd }));
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    const shape = shapeOfError(error);
    return reply
      .code(shape.data.httpStatus)
      .header('content-type', 'application/json')
      .headers(noteError(error))
      .send(JSON.stringify({ error: shape }));
  }
};

const headersOfStream = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // nginx would keep events back until its buffer is full.
  'x-accel-buffering': 'no',
  vary: 'trpc-accept, accept',
  // A connection that carried a stream carries nothing else, so that its end is seen at once.
  connection: 'close',
};

/** The input, with where to go on from: EventSource sends that by itself, in a header of its own. */
const inputOf = ({ url, headers }: FastifyRequest): unknown => {
  const query = new URLSearchParams(url.split('?').slice(1).join('?'));
  const text = query.get('input');
  const input = text === null ? undefined : parseInput(text);
  const lastEventId = headers['last-event-id']?.toString() || query.get('lastEventId');
  if (!lastEventId || (typeof input !== 'object' && input !== undefined)) return input;
  return { ...input, lastEventId };
};

const parseInput = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TRPCError({ code: 'PARSE_ERROR', cause });
  }
};
