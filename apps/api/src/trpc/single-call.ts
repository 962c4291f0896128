import {
  type AnyTRPCProcedure,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  type TRPCProcedureType as ProcedureType,
  TRPCError,
} from '@trpc/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Parts } from '../parts.ts';
import { type Context, createContext } from './context.ts';
import { JsonText } from './json-text.ts';
import { appRouter } from './router.ts';

/** Whether a request is of the common form: one mutation, its input alone in the body. */
export const isSingleMutation = ({ method, body, url }: FastifyRequest, path: string): boolean => {
  if (method !== 'POST' || typeof body !== 'string' || body === '' || url.includes('?')) return false;
  return Object.hasOwn(procedures, path) && procedures[path]?._def.type === 'mutation';
};

/** By their paths, such as `jobs.submit`; the type has them nested. */
const procedures = appRouter._def.procedures as unknown as Record<string, AnyTRPCProcedure>;

/**
 * Answers one mutation just as tRPC's own adapter does, which first makes a web Request and a streamed Response of every call:
 * that cost more than all the rest of a small call. `noteError` logs an error and says which headers go with it.
 */
export const answerMutation = async (
  path: string,
  { parts, request, reply }: { parts: Parts; request: FastifyRequest; reply: FastifyReply },
  noteError: (error: TRPCError) => Record<string, string>,
): Promise<FastifyReply> => {
  const ctx = createContext(parts, request, reply);
  reply.header('content-type', 'application/json').header('vary', 'trpc-accept, accept');
  try {
    const data: unknown = await callTRPCProcedure({
      router: appRouter,
      path,
      getRawInput: inputOf(request),
      ctx,
      type: 'mutation',
      signal: signalOf(reply),
      batchIndex: 0,
    });
    return reply.send(data === undefined ? '{"result":{}}' : `{"result":{"data":${textOf(data)}}}`);
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    const shape = shapeOf(error, 'mutation', path, ctx);
    return reply
      .code(shape.data.httpStatus)
      .headers(noteError(error))
      .send(JSON.stringify({ error: shape }));
  }
};

const textOf = (data: unknown): string => (data instanceof JsonText ? data.text : JSON.stringify(data));

/** An error as callers are told of it. */
export const shapeOf = (error: TRPCError, type: ProcedureType, path: string, ctx: Context) =>
  getTRPCErrorShape({
    config: appRouter._def._config,
    error,
    type,
    path,
    input: undefined,
    ctx,
  });

/** The body is parsed once, and not before the key has been checked. */
const inputOf = (request: FastifyRequest): (() => Promise<unknown>) => {
  let input: Promise<unknown> | undefined;
  return () => {
    input ??= parseInput(request.body as string);
    return input;
  };
};

const parseInput = async (text: string): Promise<unknown> => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TRPCError({ code: 'PARSE_ERROR', cause });
  }
};

/** Aborted when the connection closes before the answer is written. */
export const signalOf = ({ raw }: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
};
