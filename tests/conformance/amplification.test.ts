import { limits, uuidV7 } from '@longshore/contract';
import { useApi } from '@longshore/test-kit';
import { beforeAll, expect, test } from 'vitest';
import { getRaw, postRaw } from './post-raw.ts';

// S-12: jsonb writes 1e308 out with all its zeros, 51 times the length; see section 3.20 of the reliability reference.
const api = useApi();
const kind = 'any';
let sessionId: string;

const send = async (procedure: string, body: string) => {
  const key = api.keys[procedure.startsWith('worker.') ? 'worker' : 'submit'];
  const answer = await postRaw(api.url, procedure, key, body);
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.text).not.toContain('"ok":false');
  return answer.data;
};

beforeAll(async () => {
  const opened = await send('worker.openSession', JSON.stringify({ kinds: [kind], leaseSeconds: 3_600 }));
  ({ sessionId } = opened as { sessionId: string });
});

/** `[1e+308,1e+308,...]` of so many bytes. */
const widening = (bytes: number): string => `[${'1e+308,'.repeat(bytes / 7 - 1)}1e+308]`;

const runJob = async (): Promise<{ id: string; held: string }> => {
  const id = uuidV7();
  await send('jobs.submit', JSON.stringify({ id, kind, payload: null }));
  const { jobs } = (await send('worker.claim', JSON.stringify({ sessionId, limit: 1 }))) as {
    jobs: { leaseToken: string }[];
  };
  return { id, held: `"id":"${id}","leaseToken":"${jobs[0]!.leaseToken}"` };
};

/** What a part of a job takes, as text in the database and in the answer that reads it. */
const sizesOf = async (id: string, column: string) => {
  const [row] = await api.database.query<{ bytes: number }>(
    `select octet_length(${column}::text) as bytes from longshore.all_jobs where id = $1`,
    [id],
  );
  const { text } = await getRaw(api.url, 'jobs.get', api.keys.submit, JSON.stringify({ id }));
  return { stored: row!.bytes, answered: text.length };
};

const expectAtMostTwice = async (id: string, column: string, sentBytes: number): Promise<void> => {
  const { stored, answered } = await sizesOf(id, column);
  expect(stored).toBeLessThanOrEqual(2 * sentBytes);
  // The rest of the job is read with it.
  expect(answered).toBeLessThanOrEqual(2 * sentBytes + 2_000);
};

test('a payload of wide numbers takes at most twice its bytes', async () => {
  const id = uuidV7();
  const payload = widening(1_044_000);
  await send('jobs.submit', `{"id":"${id}","kind":"elsewhere","payload":${payload}}`);
  await expectAtMostTwice(id, 'payload', payload.length);
});

test('metadata of wide numbers takes at most twice its bytes', async () => {
  const id = uuidV7();
  const metadata = `{"m":${widening(16_200)}}`;
  const answer = await postRaw(
    api.url,
    'jobs.submit',
    api.keys.submit,
    `{"id":"${id}","kind":"elsewhere","payload":1,"metadata":${metadata}}`,
  );
  if (answer.status === 200) await expectAtMostTwice(id, 'metadata', metadata.length);
  else expect(answer).toMatchObject({ error: { field: expect.stringMatching(/^metadata/) } });
});

test("a worker's metadata takes at most twice its limit, in the audit log too", async () => {
  const register = (metadata: string) =>
    postRaw(api.url, 'workers.register', api.keys.admin, `{"name":"wide","metadata":${metadata}}`);
  const refused = await register(`{"m":${widening(16_100)}}`);
  expect(refused).toMatchObject({ status: 400, error: { code: 'INVALID_INPUT', field: 'metadata' } });

  const { id } = (await register(`{"m":${widening(350)}}`)).data as { id: string };
  const change = (metadata: string) =>
    postRaw(api.url, 'workers.update', api.keys.admin, `{"id":"${id}","metadata":${metadata}}`);
  expect(await change(`{"m":${widening(700)}}`)).toMatchObject({
    error: { code: 'INVALID_INPUT', field: 'metadata' },
  });
  expect(await change(`{"m":${widening(280)}}`)).toMatchObject({ status: 200 });

  const [sizes] = await api.database.query<{ worker: number; audit: number }>(
    `select
       (select octet_length(metadata::text) from longshore.workers where id = $1) as worker,
       (select max(octet_length(concat(before, after))) from longshore.audit_log where target = $1::text) as audit`,
    [id],
  );
  expect(sizes!.worker).toBeLessThanOrEqual(2 * limits.metadataBytesMax);
  expect(sizes!.audit).toBeLessThanOrEqual(2_000);
});

test('a result and a progress of wide numbers take at most twice their bytes', async () => {
  const { id, held } = await runJob();
  const progress = widening(64_800);
  await send('worker.report', `{"items":[{${held},"progress":${progress}}]}`);
  await expectAtMostTwice(id, 'progress', progress.length);
  const result = widening(1_044_000);
  await send('worker.complete', `{"items":[{${held},"result":${result}}]}`);
  await expectAtMostTwice(id, 'result', result.length);
});

test('an error with details of wide numbers takes at most twice its bytes, in the trail of attempts too', async () => {
  const { id, held } = await runJob();
  const details = widening(60_000);
  const item = (rest: string) => `{"items":[{${held},"error":{"message":"x","details":${details}}${rest}}]}`;
  await send('worker.fail', item(',"isRetryable":false'));
  // What it says is kept twice: as the error of the job and as that of its last attempt.
  const { stored } = await sizesOf(id, 'error');
  expect(stored).toBeLessThanOrEqual(2 * details.length);
  const { stored: trail, answered } = await sizesOf(id, 'attempts');
  expect(trail).toBeLessThanOrEqual(2 * details.length);
  expect(answered).toBeLessThanOrEqual(4 * details.length);
});
