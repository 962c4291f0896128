import type { AddressInfo } from 'node:net';
import { buildApp, createLogger, readConfig } from '@longshore/api';
import type { ErrorBody } from '@longshore/contract';
import { connect } from '@longshore/db';
import { readFirstEvent } from './first-event.ts';
import { type Procedure, procedures } from './procedures.ts';

/** Settings under which nothing is refused for being much; the limits have tests of their own. */
const unlimited = { LONGSHORE_FAILED_AUTH_PER_MINUTE: '0' };

export type App = Awaited<ReturnType<typeof buildApp>>;

/** The API in this process, for `inject`. Its server listens without it, so that its duties do not run. */
export const openApp = async (apiUrl: string): Promise<{ app: App; close(): Promise<void> }> => {
  const config = readConfig({ ...unlimited, DATABASE_URL: apiUrl, LONGSHORE_LISTEN_DATABASE_URL: 'off' });
  const db = connect({ url: apiUrl, poolSize: 6 });
  const app = await buildApp({ config, db, logger: await openLogger() });
  await app.ready();
  await new Promise<void>((resolve) => app.server.listen(0, '127.0.0.1', resolve));
  return {
    app,
    close: async () => {
      await app.close();
      app.server.closeAllConnections();
      app.server.close();
      await db.close();
    },
  };
};

/** Tests search what was logged for secrets. What runs without vitest keeps no log. */
const openLogger = async () => {
  if (process.env.VITEST === undefined) return createLogger('silent');
  const { openEvidenceLog } = await import('@longshore/test-kit');
  return createLogger('trace', openEvidenceLog());
};

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  /** The body as it came. */
  text: string;
  data: unknown;
  error: ErrorBody | undefined;
}

/** Calls a procedure with an input as JSON text. Without a key it sends no authorization. */
export const ask = async (
  app: App,
  { name, type }: Pick<Procedure, 'name' | 'type'>,
  key: string | undefined,
  input: string | undefined,
): Promise<Answer> => {
  const isQuery = type !== 'mutation';
  const query = isQuery && input !== undefined ? `?input=${encodeURIComponent(input)}` : '';
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(!isQuery && { 'content-type': 'application/json' }),
  };
  const request = { method: isQuery ? 'GET' : 'POST', path: `/trpc/${name}${query}`, headers } as const;
  const body = isQuery ? undefined : (input ?? '');
  return readAnswer(await (name === 'worker.claim' ? send : inject)(app, { ...request, body }));
};

export interface RawRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

type RawResponse = Pick<Answer, 'status' | 'headers' | 'text'>;

/** Without a socket, which is the quickest; for streams, which do not end, over one. */
export const inject = async (app: App, request: RawRequest): Promise<RawResponse> => {
  const { method, path, headers, body } = request;
  if (method === 'GET' && streams.has(path.split('?', 1)[0]!)) return send(app, request);
  const response = await app.inject({
    method,
    url: path,
    headers,
    // Failed authentication is limited by network; everybody calls from another one.
    remoteAddress: randomAddress(),
    ...(body !== undefined && { payload: body }),
  });
  return { status: response.statusCode, headers: response.headers, text: response.body };
};

/** Over a socket. What is injected looks undelivered to the API, which gives claimed jobs back then. */
export const send = async (app: App, { method, path, headers, body }: RawRequest): Promise<RawResponse> => {
  const { port } = app.server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: body ?? null });
  return { headers: Object.fromEntries(response.headers), ...(await readFirstEvent(response)) };
};

const streams = new Set(
  procedures.filter(({ type }) => type === 'subscription').map(({ name }) => `/trpc/${name}`),
);

const readAnswer = (response: RawResponse): Answer => {
  const body = JSON.parse(response.text) as {
    result?: { data: unknown };
    error?: { data: { longshore: ErrorBody } };
  };
  return { ...response, data: body.result?.data, error: body.error?.data.longshore };
};

/** Calls a mutation that must succeed, all items of a batch with it, and answers its data. */
export const act = async <Data>(app: App, name: string, key: string, input: unknown): Promise<Data> => {
  const { status, data, text } = await ask(app, { name, type: 'mutation' }, key, JSON.stringify(input));
  if (status !== 200 || text.includes('"ok":false')) throw new Error(`${name} answered ${status}: ${text}`);
  return data as Data;
};

export const randomAddress = (): string =>
  `10.${[0, 0, 0].map(() => Math.floor(Math.random() * 256)).join('.')}`;
