import { type ClaimedJob, limits, type OutputLine } from '@longshore/contract';
import { connect, createReads, type Database } from '@longshore/db';
import { createApiClient } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScene } from './scene.ts';

const api = useApi();
let db: Database;
beforeAll(() => {
  db = connect({ url: api.database.apiUrl, poolSize: 2 });
});
afterAll(() => db.close());

const heldBy = ({ id, leaseToken }: ClaimedJob) => ({ id, leaseToken });
const log = (text: string) => ({ stream: 'log' as const, text });
const textsOf = (lines: OutputLine[]) => lines.map(({ text }) => text);
const outputOf = async (id: string) => {
  const { jobs } = createApiClient({ url: api.url, apiKey: api.keys.submit });
  return (await jobs.output({ id, limit: 1_000 })).lines;
};

test('lines of a job are numbered from 1 in the order sent, whatever else is written meanwhile', async () => {
  const { worker, claim } = await openScene(api);
  const [one, other] = await claim(2);
  await worker.report({
    items: [
      { ...heldBy(one!), output: [log('a'), { stream: 'stdout', text: 'b' }] },
      { ...heldBy(other!), output: [log('x')] },
      // The same job again in one request: behind what came before it.
      { ...heldBy(one!), output: [{ stream: 'data', text: 'c' }] },
    ],
  });
  await Promise.all([
    worker.report({ items: [{ ...heldBy(one!), output: [log('d'), log('e')] }] }),
    worker.report({ items: [{ ...heldBy(other!), output: [log('y')] }] }),
  ]);
  const lines = await outputOf(one!.id);
  expect(lines.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  expect(textsOf(lines)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(lines.map(({ stream }) => stream)).toEqual(['log', 'stdout', 'data', 'log', 'log']);
  expect((await outputOf(other!.id)).map(({ id, text }) => `${id}${text}`)).toEqual(['1x', '2y']);
});

test('numbers go on over attempts, finishes and retries', async () => {
  const { worker, jobs, claim, claimAgain } = await openScene(api);
  const [job] = await claim(1);
  await worker.report({ items: [{ ...heldBy(job!), output: [log('first')] }] });
  await worker.fail({ items: [{ ...heldBy(job!), error: { message: 'once' }, retryAfterSeconds: 0 }] });
  const second = await claimAgain();
  await worker.report({ items: [{ ...heldBy(second), output: [log('second')] }] });
  await worker.fail({ items: [{ ...heldBy(second), error: { message: 'for good' }, isRetryable: false }] });
  await jobs.retry({ ids: [job!.id] });
  const third = await claimAgain();
  await worker.report({ items: [{ ...heldBy(third), output: [log('third')] }] });
  await worker.complete({ items: [{ ...heldBy(third), result: null }] });

  const lines = await outputOf(job!.id);
  expect(lines.map(({ id, attempt, text }) => [id, attempt, text])).toEqual([
    [1, 1, 'first'],
    [2, 2, 'second'],
    [3, 3, 'third'],
  ]);
  const [row] = await createReads(db).readWatched(api.orgId, [job!.id]);
  expect(row).toMatchObject({ outputLines: 3, job: { state: 'completed' } });
});

test('whoever lost his lease writes no line and takes no number', async () => {
  const { worker, claim } = await openScene(api);
  const [job] = await claim(1);
  const stolen = { id: job!.id, leaseToken: crypto.randomUUID() };
  await worker.report({
    items: [
      { ...stolen, progress: 'stolen', output: [log('stolen')] },
      { ...heldBy(job!), output: [log('mine')] },
    ],
  });
  expect((await outputOf(job!.id)).map(({ id, text }) => `${id} ${text}`)).toEqual(['1 mine']);
});

test('a job keeps so many lines, the last of which says so, and goes on', async () => {
  const { worker, claim } = await openScene(api);
  const [job] = await claim(1);
  await api.database.query('update longshore.jobs set output_lines = $1 where id = $2', [
    limits.outputLinesMax - 3,
    job!.id,
  ]);
  const output = ['one', 'two', 'three', 'four'].map(log);
  await worker.report({ items: [{ ...heldBy(job!), output }] });
  await worker.report({ items: [{ ...heldBy(job!), progress: 'still here', output }] });

  const lines = await outputOf(job!.id);
  expect(lines.map(({ id }) => limits.outputLinesMax - id)).toEqual([2, 1, 0]);
  expect(textsOf(lines)).toEqual([
    'one',
    'two',
    `The output ends here: a job keeps ${limits.outputLinesMax} lines.`,
  ]);
  const [row] = await createReads(db).readWatched(api.orgId, [job!.id]);
  expect(row).toMatchObject({ outputLines: limits.outputLinesMax, progress: { value: 'still here' } });
});

test('of progress the value that was sent last wins, in one request too, and each has an instant of its own', async () => {
  const { worker, claim } = await openScene(api);
  const [job] = await claim(1);
  const instants = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const values = [1, 2, 3].map((part) => ({ ...heldBy(job!), progress: round * 10 + part }));
    await worker.report({ items: values });
    const [row] = await createReads(db).readWatched(api.orgId, [job!.id]);
    expect(row?.progress?.value).toBe(round * 10 + 3);
    instants.add(row!.progress!.micros);
  }
  expect(instants.size).toBe(20);
});

test('pages of output are bounded by lines and by bytes, and never empty while there is more', async () => {
  const { worker, claim } = await openScene(api);
  const [job] = await claim(1);
  const output = Array.from({ length: 30 }, (_, n) => log(`${n} `.padEnd(1_000, '.')));
  await worker.report({ items: [{ ...heldBy(job!), output }] });
  const read = createReads(db).readOutputPages;
  const page = async (afterId: number, linesMax: number, bytesMax: number) =>
    (await read(api.orgId, [{ id: job!.id, afterId }], { linesMax, bytesMax }))[0]!.map(({ id }) => id);
  expect(await page(0, 7, 1_000_000)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(await page(10, 100, 2_500)).toEqual([11, 12, 13]);
  expect(await page(10, 100, 1)).toEqual([11]);
  expect(await page(30, 100, 1)).toEqual([]);
});

test('a report that is sent again is stored once, whatever came between, and the next lease numbers its own', async () => {
  const { worker, claim, claimAgain } = await openScene(api);
  const [job] = await claim(1);
  const report = (held: ReturnType<typeof heldBy>, seq: number) => ({
    ...held,
    seq,
    progress: seq,
    output: [log(`line ${seq}`)],
  });
  const first = heldBy(job!);
  await worker.report({ items: [report(first, 1)] });
  await worker.report({ items: [report(first, 1), report(first, 2), report(first, 2)] });
  await worker.report({ items: [report(first, 4), report(first, 3)] });
  await worker.report({ items: [report(first, 1)] });
  const [row] = await createReads(db).readWatched(api.orgId, [job!.id]);
  expect(row?.progress?.value).toBe(4);

  await worker.release({ items: [first] });
  const second = heldBy(await claimAgain());
  await worker.report({ items: [report(second, 1)] });
  const lines = await outputOf(job!.id);
  expect(textsOf(lines)).toEqual(['line 1', 'line 2', 'line 4', 'line 1']);
  expect(lines.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
});
