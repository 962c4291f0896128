import { LongshoreError } from '@longshore/contract';
import { Agent, type Dispatcher } from 'undici';
import type { HttpAnswer, Transport } from './transport.ts';

/**
 * Sends requests over connections of the SDK's own, which are kept open while they are used and keep no process alive when they
 * are not. By fetch, which makes streams for every answer, a call cost several times the CPU. Redirects are not followed.
 * Throws INVALID_INPUT for what is no url.
 */
export const createPoolTransport = (base: string): Transport => {
  const { origin, pathname } = parseUrl(base);
  const prefix = pathname === '/' ? '' : pathname;
  const { dispatch } = sharedAgent();
  return ({ method, path, headers, body = null }, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const request = { origin, method, path: prefix + path, headers, body };
      dispatch(request, createReceiver(signal, resolve, reject));
    });
};

/**
 * One for all clients of the process, so that a client made for a single call leaves no connections of its own behind. Any number
 * of connections: calls that wait for a job hold one each, and must not hold up the others.
 */
const sharedAgent = (): { dispatch: Agent['dispatch'] } => {
  agent ??= new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return { dispatch: agent.dispatch.bind(agent) };
};

let agent: Agent | undefined;

const parseUrl = (text: string): URL => {
  try {
    return new URL(text);
  } catch (cause) {
    throw new LongshoreError('INVALID_INPUT', `${text} is not a url`, { field: 'url', cause });
  }
};

/** Puts an answer together. An abort settles the call at once, even while it waits for a connection. */
const createReceiver = (
  signal: AbortSignal,
  resolve: (answer: HttpAnswer) => void,
  reject: (reason: unknown) => void,
): Dispatcher.DispatchHandler => {
  const chunks: Buffer[] = [];
  const answer: HttpAnswer = { status: 0, contentType: '', retryAfter: undefined, text: '' };
  let controller: Dispatcher.DispatchController | undefined;

  const abort = (): void => {
    controller?.abort(toError(signal.reason));
    reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });

  return {
    onRequestStart: (started) => {
      controller = started;
      if (signal.aborted) abort();
    },
    onResponseStart: (_, status, headers) => {
      answer.status = status;
      answer.contentType = String(headers['content-type'] ?? '');
      answer.retryAfter = headers['retry-after']?.toString();
    },
    onResponseData: (_, chunk) => {
      chunks.push(chunk);
    },
    onResponseEnd: () => {
      signal.removeEventListener('abort', abort);
      answer.text = String(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
      resolve(answer);
    },
    onResponseError: (_, error) => {
      signal.removeEventListener('abort', abort);
      reject(error);
    },
  };
};

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
