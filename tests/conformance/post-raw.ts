import type { ErrorBody } from '@longshore/contract';
import { readFirstEvent } from '../surface/first-event.ts';

/** An answer of the API, taken apart. */
export interface RawAnswer {
  status: number;
  data: unknown;
  error: ErrorBody | undefined;
  text: string;
}

/** Sends a body as it stands, as no client would. */
export const postRaw = async (
  url: string,
  procedure: string,
  apiKey: string,
  body: string,
): Promise<RawAnswer> =>
  readAnswer(
    await fetch(`${url}/trpc/${procedure}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body,
    }),
  );

/** Asks with an input as it stands. */
export const getRaw = async (
  url: string,
  procedure: string,
  apiKey: string,
  input: string,
): Promise<RawAnswer> =>
  readAnswer(
    await fetch(`${url}/trpc/${procedure}?input=${encodeURIComponent(input)}`, {
      headers: { authorization: `Bearer ${apiKey}` },
    }),
  );

const readAnswer = async (response: Response): Promise<RawAnswer> => {
  const { status, text } = await readFirstEvent(response);
  const answer = JSON.parse(text) as {
    result?: { data: unknown };
    error?: { data: { longshore: ErrorBody } };
  };
  return { status, data: answer.result?.data, error: answer.error?.data.longshore, text };
};
