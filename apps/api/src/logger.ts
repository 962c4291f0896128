import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import type { ApiConfig } from './config.ts';

export type Logger = FastifyBaseLogger;

/** JSON lines on standard error. What a caller sent is never logged; the paths below are a second guard. */
export const createLogger = (level: ApiConfig['logLevel']): Logger =>
  pino(
    {
      level,
      base: { name: 'longshore-api', pid: process.pid },
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
    },
    pino.destination(2),
  );

const secretFields = [
  'authorization',
  'apiKey',
  'adminKey',
  'leaseToken',
  'payload',
  'result',
  'password',
  'databaseUrl',
];

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
  return (error.stack ?? '')
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
