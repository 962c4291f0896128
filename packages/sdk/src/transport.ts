import { createPoolStreams, createPoolTransport } from './pool-transport.ts';

/** Where the API is, and who calls. */
export interface Connection {
  /** Such as `https://longshore.example.com`. */
  url: string;
  apiKey: string;
  /** Used instead of the SDK's own connections, for proxies and client certificates. */
  fetch?: typeof globalThis.fetch;
  /** What the events of watched jobs come over. Default `sse`: HTTP alone, read no faster than they are taken. */
  streams?: 'sse' | 'websocket';
  /** Used instead of the global WebSocket. */
  WebSocket?: typeof globalThis.WebSocket;
}

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** What follows the url of the API, with the query. */
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** An answer that has arrived whole. */
export interface HttpAnswer {
  status: number;
  contentType: string;
  retryAfter: string | undefined;
  text: string;
}

/**
 * Sends one request; whatever the server answers is an answer. Rejects when there is none, and when the signal is
 * aborted, which is the only deadline.
 */
export type Transport = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** An answer that is still arriving. Whoever stops reading closes its connection. */
export interface HttpStream extends Omit<HttpAnswer, 'text'> {
  chunks: AsyncIterable<Uint8Array>;
}

/** Sends one request and resolves when the answer begins. */
export type OpenStream = (request: HttpRequest, signal: AbortSignal) => Promise<HttpStream>;

/** The way to the server of a connection. */
export const createTransport = ({ url, fetch }: Connection): Transport => {
  const base = baseOf(url);
  return fetch ? createFetchTransport(base, fetch) : createPoolTransport(base);
};

/** The same for answers that go on. */
export const createStreams = ({ url, fetch }: Connection): OpenStream => {
  const base = baseOf(url);
  return fetch ? createFetchStreams(base, fetch) : createPoolStreams(base);
};

/** A url without the slashes at its end. */
export const baseOf = (url: string): string => url.replace(/\/+$/, '');

const createFetchTransport =
  (base: string, fetch: typeof globalThis.fetch): Transport =>
  async ({ method, path, headers, body = null }, signal) => {
    const response = await fetch(base + path, { method, headers, body, signal });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      retryAfter: response.headers.get('retry-after') ?? undefined,
      text: await response.text(),
    };
  };

const createFetchStreams =
  (base: string, fetch: typeof globalThis.fetch): OpenStream =>
  async ({ method, path, headers, body = null }, signal) => {
    const response = await fetch(base + path, { method, headers, body, signal });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      retryAfter: response.headers.get('retry-after') ?? undefined,
      chunks: response.body ?? noChunks(),
    };
  };

async function* noChunks(): AsyncGenerator<Uint8Array> {}
