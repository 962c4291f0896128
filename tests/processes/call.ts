export interface Answered {
  status: number;
  /** What the procedure answered, or its error's data. */
  data: unknown;
  retryAfterSeconds: number | null;
}

/** Calls a mutation of the API over plain HTTP, once. */
export const call = async (
  url: string,
  apiKey: string,
  procedure: string,
  input: unknown,
): Promise<Answered> => {
  const response = await fetch(`${url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const body = (await response.json()) as { result?: { data: unknown }; error?: { data: unknown } };
  const retryAfter = response.headers.get('retry-after');
  return {
    status: response.status,
    data: body.result?.data ?? body.error?.data,
    retryAfterSeconds: retryAfter === null ? null : Number(retryAfter),
  };
};
