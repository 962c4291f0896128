import type { Job, SubmitInput } from '@longshore/contract';

/** Calls a procedure over plain HTTP and answers its data. */
export const callApi = async <Data>(
  url: string,
  apiKey: string,
  procedure: string,
  input: unknown,
): Promise<Data> => {
  const response = await fetch(`${url}/trpc/${procedure}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const body = (await response.json()) as { result?: { data: Data }; error?: unknown };
  if (!body.result) throw new Error(`${procedure}: ${JSON.stringify(body.error)}`);
  return body.result.data;
};

export const submitJob = async (
  api: { url: string; keys: { submit: string } },
  job: Partial<SubmitInput>,
): Promise<string> => {
  const input = { kind: 'work_request', payload: null, ...job };
  return (await callApi<{ id: string }>(api.url, api.keys.submit, 'jobs.submit', input)).id;
};

export const readJob = async (api: { url: string; keys: { submit: string } }, id: string): Promise<Job> => {
  const input = encodeURIComponent(JSON.stringify({ id }));
  const response = await fetch(`${api.url}/trpc/jobs.get?input=${input}`, {
    headers: { authorization: `Bearer ${api.keys.submit}` },
  });
  return ((await response.json()) as { result: { data: Job } }).result.data;
};
