import type { Writable } from 'node:stream';
import { roles } from '@longshore/contract';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { pino } from 'pino';
import type { ApiConfig } from './config.ts';

export type Logger = FastifyBaseLogger;

/**
 * JSON lines, on standard error unless told otherwise. Whoever logs names the fields; a caller's text is not among them.
 * Requests, answers and errors are cut to what may be told of them, fields of known secrets are blanked wherever they
 * stand, and so is whatever looks like a key.
 */
export const createLogger = (level: ApiConfig['logLevel'], destination?: Writable): Logger =>
  pino(
    {
      level,
      base: { name: 'longshore-api', pid: process.pid },
      serializers: { req: traceRequest, res: traceReply, err: traceError, error: traceError },
      redact: {
        paths: secretFields.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]),
        censor: redacted,
      },
      hooks: {
        streamWrite: (line) => line.replaceAll(keyPattern, redacted),
        logMethod(args, log) {
          log.apply(this, withoutErrorText(args));
        },
      },
    },
    destination ?? pino.destination(2),
  );

const redacted = '[redacted]';

/** Whatever the prefix: the role, 43 random characters and 6 of checksum. */
const keyPattern = new RegExp(`[A-Za-z0-9]{1,32}_(?:${roles.join('|')})_[0-9A-Za-z]{49}`, 'g');

const secretFields = [
  'authorization',
  'x-api-key',
  'cookie',
  'set-cookie',
  'apiKey',
  'adminKey',
  'key',
  'leaseToken',
  'lease_token',
  'payload',
  'result',
  'progress',
  'metadata',
  'output',
  'body',
  'headers',
  'input',
  'password',
  'databaseUrl',
  'connectionString',
];

/** Pino repeats an error's message as the text of the line, and the message may quote a payload or a row. */
const withoutErrorText = <Args extends unknown[]>(args: Args): Args => {
  const [first, text] = args as unknown as [unknown, unknown];
  const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err;
  if (error instanceof Error && (text === undefined || text === error.message)) args[1] = 'failed';
  return args;
};

const traceRequest = (request: FastifyRequest): object => ({
  method: request.method,
  route: request.routeOptions?.url ?? null,
});

const traceReply = (reply: FastifyReply): object => ({ status: reply.statusCode });

interface ErrorTrace {
  /** Codes along the causes, outermost first: ours, then a SQLSTATE or a code of Node. */
  codes: string[];
  /** Where it was thrown. Without the message, which may quote a payload or a row. */
  frames?: string[];
}

/** What may be logged of an error: codes, and frames when no SQLSTATE explains it. */
export const traceError = (error: unknown): ErrorTrace => {
  const codes: string[] = [];
  let innermost: unknown = error;
  for (let depth = 0, next = error; next instanceof Error && depth < 8; depth += 1, next = next.cause) {
    if ('code' in next && typeof next.code === 'string') codes.push(next.code);
    innermost = next;
  }
  if (codes.some((code) => /^[0-9A-Z]{5}$/.test(code))) return { codes };
  return { codes: codes.length > 0 ? codes : [nameOf(innermost)], frames: framesOf(innermost) };
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

const framesOf = (error: unknown): string[] => {
  if (!(error instanceof Error)) return [];
  const { stack = '', message } = error;
  // The stack begins with the message, whose lines may look like frames.
  const at = stack.indexOf(message);
  return stack
    .slice(at < 0 ? stack.length : at + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
};

/** Logs failures of background work at most once a second each, with how many were left out. */
export const createFailureLog = (logger: Logger, nowMs = () => performance.now()) => {
  const seen = new Map<string, { loggedAtMs: number; leftOut: number }>();
  return (what: string, error: unknown): void => {
    const last = seen.get(what);
    if (last && nowMs() - last.loggedAtMs < 1_000) {
      last.leftOut += 1;
      return;
    }
    seen.set(what, { loggedAtMs: nowMs(), leftOut: 0 });
    logger.error({ what, ...traceError(error), leftOut: last?.leftOut ?? 0 }, 'background work failed');
  };
};
