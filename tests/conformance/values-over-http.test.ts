import { uuidV7 } from '@longshore/contract';
import { useApi } from '@longshore/test-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import { jsonCorpus, textOfBytes } from './json-corpus.ts';
import { postRaw, type RawAnswer } from './post-raw.ts';

const api = useApi();
const kind = 'any';
let sessionId: string;

const send = (procedure: string, body: string): Promise<RawAnswer> =>
  postRaw(api.url, procedure, api.keys[procedure.startsWith('worker.') ? 'worker' : 'submit'], body);

beforeAll(async () => {
  const opened = await send('worker.openSession', JSON.stringify({ kinds: [kind], leaseSeconds: 3_600 }));
  sessionId = (opened.data as { sessionId: string }).sessionId;
});

/** A running job and the beginning of an item that writes to it. */
const runJob = async (): Promise<{ id: string; held: string }> => {
  const id = uuidV7();
  await send('jobs.submit', JSON.stringify({ id, kind, payload: null }));
  const { data } = await send('worker.claim', JSON.stringify({ sessionId, limit: 1 }));
  const [job] = (data as { jobs: { id: string; leaseToken: string }[] }).jobs;
  expect(job?.id).toBe(id);
  return { id, held: `"id":"${id}","leaseToken":"${job!.leaseToken}"` };
};
const readJob = async (id: string): Promise<Record<string, unknown>> => {
  const rows = await api.database.query('select * from longshore.all_jobs where id = $1', [id]);
  return rows[0] ?? {};
};
const answerOf = ({ data }: RawAnswer) =>
  (data as { answers: { ok: boolean; error?: { code: string; field?: string } }[] }).answers[0]!;

describe.for(jsonCorpus)('$name', ({ json, verdict }) => {
  test('as a payload', async () => {
    const id = uuidV7();
    const answer = await send('jobs.submit', `{"id":"${id}","kind":"elsewhere","payload":${json}}`);
    if ('code' in verdict) {
      expect(answer).toMatchObject({ status: 400, error: verdict });
      expect(answer.error?.field).toMatch(/^payload/);
      expect(await readJob(id)).toEqual({});
    } else expect(await readJob(id)).toMatchObject({ payload: verdict.value });
  });

  test('as metadata', async () => {
    const id = uuidV7();
    const answer = await send(
      'jobs.submit',
      `{"id":"${id}","kind":"elsewhere","payload":1,"metadata":{"m":${json}}}`,
    );
    // Metadata is one level deep before the value begins.
    if ('code' in verdict || json.startsWith('['.repeat(64))) {
      expect(answer).toMatchObject({ status: 400, error: { code: 'INVALID_INPUT' } });
      expect(answer.error?.field).toMatch(/^metadata/);
    } else expect(await readJob(id)).toMatchObject({ metadata: { m: verdict.value } });
  });

  test('as a result: a bad one leaves the job running, so that it can still fail', async () => {
    const { id, held } = await runJob();
    const answer = answerOf(await send('worker.complete', `{"items":[{${held},"result":${json}}]}`));
    if ('code' in verdict) {
      expect(answer).toMatchObject({ ok: false, error: verdict });
      expect(answer.error?.field).toMatch(/^items\[0\]\.result/);
      expect(
        answerOf(
          await send('worker.fail', `{"items":[{${held},"error":{"message":"x"},"isRetryable":false}]}`),
        ),
      ).toMatchObject({ ok: true });
      expect(await readJob(id)).toMatchObject({ state: 'failed' });
    } else expect(await readJob(id)).toMatchObject({ state: 'completed', result: verdict.value });
  });

  test('as progress and as details of an error', async () => {
    const { id, held } = await runJob();
    const report = answerOf(await send('worker.report', `{"items":[{${held},"progress":${json}}]}`));
    const failure = `{"items":[{${held},"error":{"message":"x","details":${json}},"isRetryable":false}]}`;
    if ('code' in verdict) {
      expect(report).toMatchObject({ ok: false, error: verdict });
      expect(await readJob(id)).toMatchObject({ state: 'running', progress: null });
      // A job must be able to fail whatever its error holds.
      expect(answerOf(await send('worker.fail', failure))).toMatchObject({ ok: true });
      expect(await readJob(id)).toMatchObject({
        state: 'failed',
        error: { details: expect.stringContaining('left out') },
      });
    } else {
      expect(await readJob(id)).toMatchObject({ progress: verdict.value });
      await send('worker.fail', failure);
      expect(await readJob(id)).toMatchObject({ state: 'failed', error: { details: verdict.value } });
    }
  });
});

describe('sizes', () => {
  const mebibyte = 1_048_576;

  test('a payload of 1 MiB is stored, one byte more is refused', async () => {
    const id = uuidV7();
    const submit = (bytes: number) =>
      send('jobs.submit', `{"id":"${id}","kind":"elsewhere","payload":${textOfBytes(bytes)}}`);
    expect(await submit(mebibyte + 1)).toMatchObject({
      status: 413,
      error: { code: 'TOO_LARGE', field: 'payload' },
    });
    expect(await readJob(id)).toEqual({});
    expect((await submit(mebibyte)).status).toBe(200);
    expect(await readJob(id)).toMatchObject({ payload: 'x'.repeat(mebibyte - 2) });
  });

  test('results, progress, metadata and lines of output have their limits too', async () => {
    const { held } = await runJob();
    const tooLarge = { ok: false, error: { code: 'TOO_LARGE' } };
    const report = (part: string) => send('worker.report', `{"items":[{${held},${part}}]}`);
    expect(answerOf(await report(`"progress":${textOfBytes(65_537)}`))).toMatchObject(tooLarge);
    expect(answerOf(await report(`"output":[{"stream":"log","text":${textOfBytes(16_387)}}]`))).toMatchObject(
      tooLarge,
    );
    expect(
      answerOf(await send('worker.complete', `{"items":[{${held},"result":${textOfBytes(mebibyte + 1)}}]}`)),
    ).toMatchObject(tooLarge);
    expect(answerOf(await send('worker.complete', `{"items":[{${held},"result":1}]}`))).toMatchObject({
      ok: true,
    });
    expect(
      await send('jobs.submit', `{"kind":"elsewhere","payload":1,"metadata":{"m":${textOfBytes(16_384)}}}`),
    ).toMatchObject({ status: 413 });
  });
});

test('B-37: a job fails whatever its error says, with text that can be stored', async () => {
  const { id, held } = await runJob();
  const error = String.raw`{"message":"a\u0000b\ud800c","name":"N\u0000","code":"C\u0000","stack":"s\u0000"}`;
  const answer = await send('worker.fail', `{"items":[{${held},"error":${error},"isRetryable":false}]}`);
  expect(answerOf(answer)).toMatchObject({ ok: true });
  expect(await readJob(id)).toMatchObject({
    state: 'failed',
    error: { message: 'a\ufffdb\ufffdc', name: 'N\ufffd', code: 'C\ufffd', stack: 's\ufffd' },
  });
});

test('an error of a megabyte is cut, not refused', async () => {
  const { id, held } = await runJob();
  const error = JSON.stringify({ message: 'é'.repeat(200_000), stack: 's'.repeat(500_000) });
  await send('worker.fail', `{"items":[{${held},"error":${error},"isRetryable":false}]}`);
  const { state, error: kept } = await readJob(id);
  expect(state).toBe('failed');
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(65_536);
});

test('B-37: NUL and lone surrogates in output are refused or kept out, and the job goes on', async () => {
  const { id, held } = await runJob();
  const report = await send(
    'worker.report',
    String.raw`{"items":[{${held},"output":[{"stream":"log","text":"a\u0000b\ud800"}]}]}`,
  );
  const [line] = await api.database.query('select line from longshore.job_output where job_id = $1', [id]);
  if (answerOf(report).ok) expect(line).toEqual({ line: 'a\ufffdb\ufffd' });
  else expect(answerOf(report).error).toMatchObject({ code: 'INVALID_INPUT' });
  expect(answerOf(await send('worker.complete', `{"items":[{${held}}]}`))).toMatchObject({ ok: true });
});
