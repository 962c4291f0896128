import { useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';

const api = useApi({
  env: {
    LONGSHORE_PAYLOAD_BYTES_MAX: '100',
    LONGSHORE_METADATA_BYTES_MAX: '50',
    LONGSHORE_RESULT_BYTES_MAX: '100',
    LONGSHORE_PROGRESS_BYTES_MAX: '100',
    LONGSHORE_OUTPUT_LINE_BYTES_MAX: '100',
    LONGSHORE_TAGS_MAX: '2',
    LONGSHORE_TAG_CHARS_MAX: '10',
  },
});

const call = async (key: string, path: string, input: unknown) => {
  const answer = await fetch(`${api.url}/trpc/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(input),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
};
interface Answer {
  result: { data: { answers: { ok: boolean; error: Refusal }[]; sessionId: string; jobs: Held[] } };
  error: { data: { longshore: Refusal } };
}
interface Refusal {
  code: string;
  field: string;
  message: string;
}
interface Held {
  id: string;
  leaseToken: string;
}

const long = 'x'.repeat(101);
const tooLarge = (field: string, numbers: string) => ({
  code: 'TOO_LARGE',
  field,
  message: `${field} has ${numbers} are allowed`,
});

test('a submit over a limit of this deployment is refused, by field, and nothing is stored', async () => {
  const cases = [
    [{ payload: long }, 'payload', '103 bytes; 100'],
    [{ payload: 1, metadata: { note: long } }, 'metadata', '112 bytes; 50'],
    [{ payload: 1, tags: ['a', 'b', 'c'] }, 'tags', '3 tags; 2'],
    [{ payload: 1, tags: ['elevenchars'] }, 'tags[0]', '11 characters; 10'],
  ] as const;
  for (const [job, field, numbers] of cases) {
    const { status, body } = await call(api.keys.submit, 'jobs.submit', { kind: 'mail', ...job });
    expect(status).toBe(413);
    expect(body.error.data.longshore).toMatchObject(tooLarge(field, numbers));
  }
  expect(await api.database.query('select id from longshore.jobs')).toEqual([]);
});

test('a worker that reports or completes over a limit is told so, and keeps its job', async () => {
  const worker = api.keys.worker;
  await call(api.keys.submit, 'jobs.submit', { kind: 'mail', payload: 1 });
  const { sessionId } = (await call(worker, 'worker.openSession', { kinds: ['mail'] })).body.result.data;
  const { jobs } = (await call(worker, 'worker.claim', { sessionId, limit: 1 })).body.result.data;
  const held = { id: jobs[0]!.id, leaseToken: jobs[0]!.leaseToken };
  const answerTo = async (path: string, item: object) =>
    (await call(worker, path, { items: [{ ...held, ...item }] })).body.result.data.answers[0]!;

  const cases = [
    ['worker.report', { progress: long }, 'items[0].progress', '103 bytes; 100'],
    [
      'worker.report',
      { output: [{ stream: 'log', text: long }] },
      'items[0].output[0].text',
      '101 bytes; 100',
    ],
    ['worker.complete', { result: long }, 'items[0].result', '103 bytes; 100'],
  ] as const;
  for (const [path, item, field, numbers] of cases) {
    expect(await answerTo(path, item)).toMatchObject({ ok: false, error: tooLarge(field, numbers) });
  }
  expect(await answerTo('worker.complete', { result: 'short' })).toMatchObject({ ok: true });
});

test('a job can fail whatever its error says', async () => {
  const worker = api.keys.worker;
  await call(api.keys.submit, 'jobs.submit', { kind: 'fax', payload: 1, maxAttempts: 1 });
  const { sessionId } = (await call(worker, 'worker.openSession', { kinds: ['fax'] })).body.result.data;
  const { jobs } = (await call(worker, 'worker.claim', { sessionId, limit: 1 })).body.result.data;
  const { id, leaseToken } = jobs[0]!;
  const message = `\u0000\ud800${'ä'.repeat(200_000)}`;
  const error = { message, name: long.repeat(100), stack: message, code: message };
  const { body } = await call(worker, 'worker.fail', { items: [{ id, leaseToken, error }] });
  expect(body.result.data.answers[0]).toMatchObject({ ok: true, state: 'failed' });
});
