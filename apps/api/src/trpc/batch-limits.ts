import { LongshoreError } from '@longshore/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Calls in one request. Each is a procedure name in the path. */
export const batchCallsMax = 10;

/** What a caller may write of names: a `%` left over would be decoded once more by tRPC and could hide commas. */
const namePattern = /^[A-Za-z][A-Za-z0-9.]{0,99}$/;

/**
 * Refuses oversized and malformed batches as INVALID_INPUT: what stands in the address and the headers before a key is looked
 * at or the body is read, the number of inputs in a body before tRPC parses them.
 */
export const limitBatches = (scope: FastifyInstance): void => {
  scope.addHook('onRequest', (request, _reply, done) =>
    done(faultOfNames(namesOf(request)) ?? faultOfForm(request) ?? faultOfQuery(request)),
  );
  scope.addHook('preValidation', (request, _reply, done) => done(faultOfInputs(request, request.body)));
};

const namesOf = (request: FastifyRequest): string[] => {
  const { path } = request.params as { path: string };
  return path.split(',', batchCallsMax + 1);
};

const faultOfNames = (names: string[]): LongshoreError | undefined => {
  if (names.length > batchCallsMax) {
    return refusal(`more than ${batchCallsMax} calls in one request`, 'Send them in several requests.');
  }
  // One odd name alone is a procedure that does not exist, and answered so.
  if (names.length === 1 && !names[0]!.includes('%')) return undefined;
  if (names.every((name) => namePattern.test(name))) return undefined;
  return refusal('the path is not a list of procedure names', 'Procedures have names like jobs.submit.');
};

/** tRPC would stream the answers then, each call's error inside an answer of 200. */
const faultOfForm = ({ headers }: FastifyRequest): LongshoreError | undefined =>
  headers['trpc-accept'] === undefined && !/application\/jsonl/i.test(headers.accept ?? '')
    ? undefined
    : refusal(
        'answers are JSON, not a stream of lines',
        'Accept application/json, and leave trpc-accept out.',
      );

const faultOfQuery = (request: FastifyRequest): LongshoreError | undefined => {
  if (!request.url.includes('?')) return undefined;
  const query = queryOf(request);
  for (const name of ['batch', 'input']) {
    if (query.getAll(name).length > 1) return refusal(`${name} is given more than once`, 'Give it once.');
  }
  if (query.has('connectionParams')) {
    return refusal('connectionParams are not taken', 'Send the key in a header.');
  }
  return faultOfInputs(request, query.get('input'));
};

/** Read as tRPC reads it: of a repeated parameter it takes the first, others may take the last. */
const queryOf = (request: FastifyRequest): URLSearchParams =>
  new URLSearchParams(request.url.split('?').slice(1).join('?'));

const faultOfInputs = (request: FastifyRequest, text: unknown): LongshoreError | undefined => {
  if (!request.url.includes('?') || queryOf(request).get('batch') !== '1') return undefined;
  const calls = namesOf(request).length;
  if (typeof text !== 'string' || countEntries(text, calls + 1) <= calls) return undefined;
  return refusal(`more inputs than the ${calls} calls of this batch`, 'Give each call one input at most.');
};

const refusal = (message: string, hint: string): LongshoreError =>
  new LongshoreError('INVALID_INPUT', message, { hint });

/**
 * How many entries the object or array written in a JSON text has (an empty one counts as one), counted up to `enough`.
 * A walk over the characters, so that a stranger's text costs no more than that.
 */
export const countEntries = (text: string, enough: number): number => {
  let entries = 1;
  let depth = 0;
  for (let at = 0; at < text.length && entries < enough; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === openBrace || code === openBracket) depth++;
    else if (code === closeBrace || code === closeBracket) depth--;
    else if (code === comma && depth === 1) entries++;
  }
  return entries;
};

const [quote, comma, backslash] = [0x22, 0x2c, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Where the string that begins at `start` ends, or the text. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
};
