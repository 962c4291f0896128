import { readAnswer } from './call-failure.ts';
import { writeInput } from './json-text.ts';
import { type Connection, createTransport, type HttpRequest } from './transport.ts';

/** Sends one request for a procedure; resolves with its output. Rejects with what `toCallFailure` understands. */
export type Send = (input: unknown, signal: AbortSignal) => Promise<unknown>;

/** Procedures by their path, such as `jobs.get`, in tRPC's form of HTTP: one call a request. */
export interface Procedures {
  query(path: string): Send;
  mutation(path: string): Send;
}

/** Connects to the procedures of an API. The types of inputs and outputs are the caller's to know. */
export const createProcedures = (connection: Connection): Procedures => {
  const transport = createTransport(connection);
  const headers = { authorization: `Bearer ${connection.apiKey}` };
  const headersOfBody = { ...headers, 'content-type': 'application/json' };
  const send = async (request: HttpRequest, signal: AbortSignal): Promise<unknown> =>
    readAnswer(await transport(request, signal));

  return {
    query: (path) => (input, signal) => {
      const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
      return send({ method: 'GET', path: `/trpc/${path}${search}`, headers, body: undefined }, signal);
    },
    mutation: (path) => (input, signal) =>
      send(
        { method: 'POST', path: `/trpc/${path}`, headers: headersOfBody, body: writeInput(input) },
        signal,
      ),
  };
};
