import { createPoolTransport } from './pool-transport.ts';

/** Where the API is, and who calls. */
export interface Connection {
  /** Such as `https://longshore.example.com`. */
  url: string;
  apiKey: string;
  /** Used instead of the SDK's own connections, for proxies and client certificates. */
  fetch?: typeof globalThis.fetch;
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

/** The way to the server of a connection. */
export const createTransport = ({ url, fetch }: Connection): Transport => {
  const base = url.replace(/\/+$/, '');
  return fetch ? createFetchTransport(base, fetch) : createPoolTransport(base);
};

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
