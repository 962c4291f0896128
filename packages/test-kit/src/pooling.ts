import type { ApiLogin } from './api-login.ts';
import { type Pooler, startPooler } from './pooler.ts';

/** `listen`: with a direct connection to LISTEN on. `poll`: without. */
const modes = ['listen', 'poll'] as const;

/** What test files are told of the pooler of a run. */
export interface Pooling {
  mode: (typeof modes)[number];
  port: number;
}

/** Small, so that what API processes do at the same time shares connections. */
const poolSize = 4;

/**
 * LONGSHORE_TEST_POOLER=listen or poll sends every API of the run through a PgBouncer in transaction mode.
 * Undefined when it is not set. Throws Error for another value.
 */
export const startPooling = async (
  serverUrl: string,
  apiLogin: ApiLogin,
): Promise<{ provided: Pooling; stop: Pooler['stop'] } | undefined> => {
  const asked = process.env.LONGSHORE_TEST_POOLER;
  if (!asked) return undefined;
  const mode = modes.find((known) => known === asked);
  if (!mode) throw new Error(`LONGSHORE_TEST_POOLER is ${asked}; allowed: ${modes.join(', ')}`);
  const pooler = await startPooler({ serverUrl, logins: [apiLogin], poolSize });
  return { provided: { mode, port: Number(new URL(pooler.urlFor(serverUrl)).port) }, stop: pooler.stop };
};

/** How API processes reach the database of a test file. */
export const throughPooler = (
  directUrl: string,
  pooling: Pooling | null,
): { apiUrl: string; listenUrl: string } => {
  if (!pooling) return { apiUrl: directUrl, listenUrl: directUrl };
  const apiUrl = new URL(directUrl);
  apiUrl.hostname = '127.0.0.1';
  apiUrl.port = String(pooling.port);
  return { apiUrl: apiUrl.href, listenUrl: pooling.mode === 'poll' ? 'off' : directUrl };
};
