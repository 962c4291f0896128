import { steerClock, useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';

const api = useApi({
  env: { LONGSHORE_RATE_SUBMIT_PER_MINUTE: '10', LONGSHORE_RATE_MANAGE_PER_MINUTE: '2' },
});

const call = async (path: string, key: string, body: string) => {
  const answer = await fetch(`${api.url}/trpc/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body,
  });
  await answer.body?.cancel();
  return { status: answer.status, retryAfterSeconds: Number(answer.headers.get('retry-after')) };
};
const submitMany = (count: number) =>
  call(
    'jobs.submitMany',
    api.keys.submit,
    JSON.stringify({ jobs: Array(count).fill({ kind: 'mail', payload: 1 }) }),
  );

test('a batch that waits as long as it is told passes, and what is refused costs nothing', async () => {
  const clock = steerClock(api.database);
  expect((await submitMany(11)).status).toBe(413);
  expect((await submitMany(10)).status).toBe(200);
  const refusal = await submitMany(10);
  expect(refusal).toEqual({ status: 429, retryAfterSeconds: 60 });
  await clock.advance(refusal.retryAfterSeconds);
  // The new process has no word of its own on when to ask again; what was spent is in the database.
  await api.restart();
  expect((await submitMany(10)).status).toBe(200);
});

test.for([
  ['that the key’s role may not make', 'keys.create', '{"role":"submit","name":"x"}', 403],
  ['whose input is no JSON', 'jobs.cancel', '{', 400],
] as const)('a call %s costs one of its class like any other', async ([, path, body, status]) => {
  const { keys } = await api.addOrg(path.toLowerCase().replace('.', '-'));
  for (let time = 0; time < 2; time++) expect((await call(path, keys.submit, body)).status).toBe(status);
  expect((await call(path, keys.submit, body)).status).toBe(429);
});
