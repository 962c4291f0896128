import { LongshoreError } from '@longshore/contract';
import { Agent, type Dispatcher } from 'undici';
import type { HttpAnswer, OpenStream, Transport } from './transport.ts';

/**
 * Sends requests over connections of the SDK's own, which are kept open while they are used and keep no process alive when they
 * are not. By fetch, which makes streams for every answer, a call cost several times the CPU. Redirects are not followed.
 * Throws INVALID_INPUT for what is no url.
 */
export const createPoolTransport = (base: string): Transport => {
  const { origin, prefix } = parseUrl(base);
  const agent = sharedAgent();
  const dispatch = agent.dispatch.bind(agent);
  return ({ method, path, headers, body = null }, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const request = { origin, method, path: prefix + path, headers, body };
      dispatch(request, createReceiver(signal, resolve, reject));
    });
};

/** The same for answers that go on: read from the connection as fast as they are taken. Throws INVALID_INPUT for what is no url. */
export const createPoolStreams = (base: string): OpenStream => {
  const { origin, prefix } = parseUrl(base);
  const agent = sharedAgent();
  return async ({ method, path, headers, body = null }, signal) => {
    const answer = await agent.request({ origin, method, path: prefix + path, headers, body, signal });
    // One that breaks between two chunks tells whoever asks for the next.
    answer.body.on('error', () => {});
    return {
      status: answer.statusCode,
      contentType: String(answer.headers['content-type'] ?? ''),
      retryAfter: answer.headers['retry-after']?.toString(),
      chunks: answer.body,
    };
  };
};

/**
 * One for all clients of the process, so that a client made for a single call leaves no connections of its own behind. Any number
 * of connections: calls that wait for a job hold one each, and must not hold up the others.
 */
const sharedAgent = (): Agent => {
  agent ??= new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return agent;
};

let agent: Agent | undefined;

const parseUrl = (text: string): { origin: string; prefix: string } => {
  try {
    const { origin, pathname } = new URL(text);
    return { origin, prefix: pathname === '/' ? '' : pathname };
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
