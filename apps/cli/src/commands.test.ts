import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorker, defineJob } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { exitCodes } from './exit-codes.ts';
import { callLongshore, runLongshore } from './testing/run-longshore.ts';

const api = useApi();
const folder = mkdtempSync(join(tmpdir(), 'longshore-cli-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Key = 'admin' | 'submit' | 'worker' | 'operator';
const envOf = (key: Key) => ({ LONGSHORE_URL: api.url, LONGSHORE_API_KEY: api.keys[key] });
const run = (key: Key, args: string[]) => callLongshore(args, envOf(key));

/** Runs with --json, expects success, and answers with what was printed. */
const ask = async (key: Key, ...args: string[]) => {
  const { stdout, stderr, exitCode } = await run(key, [...args, '--json']);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: exitCodes.ok });
  return JSON.parse(stdout);
};

test('a job is submitted, found, cancelled and retried', async () => {
  const { id, state } = await ask(
    'submit',
    'submit',
    'cli.a',
    '{"n":1}',
    '--priority=-5',
    '--tag',
    'x',
    '--tag',
    'y',
  );
  expect(state).toBe('available');
  expect(await ask('submit', 'jobs', 'get', id)).toMatchObject({
    payload: { n: 1 },
    priority: -5,
    tags: ['x', 'y'],
  });
  const { jobs } = await ask('submit', 'jobs', 'list', '--kind', 'cli.a', '--state', 'available');
  expect(jobs).toHaveLength(1);
  expect(await ask('submit', 'jobs', 'cancel', id, '--reason', 'a test')).toEqual([
    expect.objectContaining({ id, state: 'cancelled' }),
  ]);
  expect(await ask('submit', 'jobs', 'get', id)).toMatchObject({ state: 'cancelled', reason: 'a test' });
  expect(await ask('submit', 'jobs', 'retry', id)).toEqual([
    expect.objectContaining({ id, state: 'available' }),
  ]);
  expect(await ask('submit', 'jobs', 'output', id)).toEqual([]);
});

test('all jobs that fit a filter are cancelled; ids beside it, or nothing at all, are wrong usage', async () => {
  for (const batch of ['cli.one', 'cli.one', 'cli.two'])
    await ask('submit', 'submit', 'cli.batch', 'null', '--batch-id', batch, '--delay-seconds', '600');

  const { stdout } = await run('submit', ['jobs', 'cancel', '--batch', 'cli.one', '--kind', 'cli.batch']);
  expect(stdout).toBe('cancelled 2, asked 0 that run to stop\n');
  const { jobs } = await ask('submit', 'jobs', 'list', '--kind', 'cli.batch', '--state', 'scheduled');
  expect(jobs).toMatchObject([{ batchId: 'cli.two' }]);

  const { id } = jobs[0];
  expect((await run('submit', ['jobs', 'cancel'])).exitCode).toBe(exitCodes.usage);
  expect((await run('submit', ['jobs', 'cancel', id, '--queue', 'default'])).exitCode).toBe(exitCodes.usage);
  expect((await ask('submit', 'jobs', 'get', id)).state).toBe('scheduled');
});

test.each(['--batch', '--kind', '--tag', '--state', '--created-before', '--reason'])(
  'jobs cancel refuses an empty %s, as an unset variable leaves it, and cancels nothing',
  async (flag) => {
    const { id } = await ask('submit', 'submit', 'cli.unset', 'null', '--queue', 'cli.unset');
    for (const named of [[id], ['--queue', 'cli.unset']])
      expect((await run('submit', ['jobs', 'cancel', ...named, flag, ''])).exitCode).toBe(exitCodes.usage);
    expect((await ask('submit', 'jobs', 'get', id)).state).toBe('available');
  },
);

test('the processes of workers are shown with their states, and the least loaded one is picked', async () => {
  expect((await run('admin', ['workers', 'pick', '--capability', 'cli.none'])).exitCode).toBe(
    exitCodes.notFound,
  );
  const held = defineJob({ kind: 'cli.held', payload: z.number() });
  const worker = createWorker({
    url: api.url,
    apiKey: api.keys.worker,
    handlers: [held.handler(() => null)],
    concurrency: 4,
    capabilities: ['cli.gpu'],
    concurrencyLimits: { inference: 2 },
    version: '7.8.9',
  });
  await worker.start();
  try {
    const wanted = ['--capability', 'cli.gpu', '--kind', 'cli.held', '--category', 'inference'];
    const picked = await ask('admin', 'workers', 'pick', ...wanted);
    expect(picked).toMatchObject({ state: 'available', concurrency: 4, version: '7.8.9' });
    expect((await run('admin', ['workers', 'list'])).stdout).toContain('1 available');
    const { stdout } = await run('admin', ['workers', 'list', '--sessions']);
    const line = stdout.split('\n').find((row) => row.startsWith(picked.sessionId));
    expect(line).toMatch(/available +0\/4 +inference=0\/2 +cli\.gpu .*7\.8\.9/);
  } finally {
    await worker.stop();
  }
});

test('submit --wait answers with the result, and with 1 for a job that failed', async () => {
  const half = defineJob({ kind: 'cli.half', payload: z.number(), result: z.number() });
  const handler = half.handler((value) => {
    if (value % 2 === 1) throw new Error('odd');
    return value / 2;
  });
  const worker = createWorker({ url: api.url, apiKey: api.keys.worker, handlers: [handler] });
  await worker.start();
  try {
    const even = await run('submit', ['submit', 'cli.half', '8', '--wait']);
    expect(even).toMatchObject({ exitCode: exitCodes.ok, stdout: '4\n' });
    const odd = await run('submit', ['submit', 'cli.half', '7', '--wait', '--max-attempts', '1', '--json']);
    expect(odd.exitCode).toBe(exitCodes.failed);
    expect(JSON.parse(odd.stdout).error.code).toBe('JOB_FAILED');
  } finally {
    await worker.stop();
  }
});

test('submit --wait-seconds gives up with "unavailable", and the job goes on', async () => {
  const late = await run('submit', ['submit', 'cli.nobody', '1', '--wait-seconds', '0', '--json']);
  expect(late.exitCode).toBe(exitCodes.unavailable);
  expect(JSON.parse(late.stdout).error.code).toBe('TIMEOUT');
});

test('a file is submitted a thousand at a time, and a bad line says what is stored', async () => {
  const file = join(folder, 'jobs.ndjson');
  const line = (n: number) => JSON.stringify({ kind: 'cli.many', payload: n, batchId: 'many' });
  const lines = Array.from({ length: 1_500 }, (_, n) => line(n));
  writeFileSync(file, lines.join('\n'));
  expect(await ask('submit', 'submit', '--file', file)).toEqual({ jobs: 1_500, newJobs: 1_500 });

  const bad = [...lines.slice(0, 1_200), '{"kind":"cli.many","payload":1,"colour":"red"}'].join('\n');
  const options = { env: envOf('submit'), input: bad };
  const refused = await runLongshore(['submit', '--file', '-'], options);
  expect(refused.exitCode).toBe(exitCodes.usage);
  expect(refused.stderr).toContain('line 1201');
  expect(refused.stderr).toContain('Lines 1 to 1000 are stored');
});

test('keys, workers, orgs and queues are made, listed and taken away', async () => {
  const key = await ask('admin', 'keys', 'create', '--role', 'submit', '--name', 'from the shell');
  expect(key.apiKey).toMatch(/^lsh_submit_/);
  await ask('admin', 'keys', 'revoke', key.id);
  const keys: { id: string; revokedAt: string | null }[] = await ask('admin', 'keys', 'list');
  expect(keys.find(({ id }) => id === key.id)?.revokedAt).not.toBeNull();

  const worker = await ask('admin', 'workers', 'register', 'gpu-1', '--allow-capabilities', 'gpu');
  expect(worker.apiKey).toMatch(/^lsh_worker_/);
  await ask('admin', 'workers', 'revoke', worker.id);
  const workers: { id: string; revokedAt: string | null }[] = await ask('admin', 'workers', 'list');
  expect(workers.find(({ id }) => id === worker.id)?.revokedAt).not.toBeNull();

  const org = await ask('operator', 'orgs', 'create', 'acme');
  expect(org.adminKey).toMatch(/^lsh_admin_/);
  expect(await ask('operator', 'orgs', 'list')).toContainEqual(expect.objectContaining({ slug: 'acme' }));

  await ask('admin', 'queues', 'pause', 'slow');
  expect(await ask('admin', 'queues', 'list')).toContainEqual(
    expect.objectContaining({ queue: 'slow', isPaused: true }),
  );
  await ask('admin', 'queues', 'resume', 'slow');
});

test('what is kept of a queue’s history is set, shown, lifted and cleaned by hand', async () => {
  await ask('admin', 'queues', 'retain', 'slow', '--completed-count', '5', '--failed-seconds', '60');
  const lifted = ['queues', 'retain', 'slow', '--completed-seconds', '9', '--lift', 'failed'];
  expect(await ask('admin', ...lifted)).toEqual({
    queue: 'slow',
    completed: { ageSeconds: 9 },
    failed: null,
  });
  expect(await ask('admin', 'queues', 'retain', 'slow')).toMatchObject({ completed: { ageSeconds: 9 } });
  const clean = ['queues', 'clean', 'slow', '--outcome', 'failed', '--older-than-seconds', '0'];
  expect(await ask('admin', ...clean)).toEqual({ queue: 'slow', removed: 0 });
});

test('a worker’s policy is set, changed and lifted', async () => {
  const policy = ['--allow-kinds', 'a, b', '--category-limit', 'llm=2', '--category-limit', 'x=1=3'];
  const { id } = await ask('admin', 'workers', 'register', 'held', ...policy, '--metadata', '{"rack":7}');
  await ask('admin', 'workers', 'update', id, '--max-concurrent-jobs', '5', '--lift', 'allow-kinds');
  const workers: { id: string }[] = await ask('admin', 'workers', 'list');
  expect(workers.find((worker) => worker.id === id)).toMatchObject({
    metadata: { rack: 7 },
    policy: { allowedKinds: null, maxConcurrentJobs: 5, categoryLimits: { llm: 2, 'x=1': 3 } },
  });
});

test('the first operator key comes straight from the database', async () => {
  const env = { DATABASE_URL: api.database.url };
  const { stdout } = await callLongshore(['keys', 'create', '--role', 'operator', '--json'], env);
  const { apiKey } = JSON.parse(stdout);
  const orgs = await callLongshore(['orgs', 'list', '--json'], {
    LONGSHORE_URL: api.url,
    LONGSHORE_API_KEY: apiKey,
  });
  expect(orgs.exitCode).toBe(exitCodes.ok);
});

test('an org that lost its admin keys gets a new one straight from the database', async () => {
  const env = { DATABASE_URL: api.database.url };
  const args = ['keys', 'create', '--role', 'admin', '--json', '--org'];
  const { stdout } = await callLongshore([...args, api.org], env);
  const { apiKey } = JSON.parse(stdout);
  const keys = await callLongshore(['keys', 'list', '--json'], {
    LONGSHORE_URL: api.url,
    LONGSHORE_API_KEY: apiKey,
  });
  expect(keys.exitCode).toBe(exitCodes.ok);
  expect(await callLongshore([...args, 'nowhere'], env)).toMatchObject({ exitCode: exitCodes.notFound });
});

test('doctor finds a healthy deployment healthy, and names jobs that nobody may take', async () => {
  const env = {
    DATABASE_URL: api.database.url,
    LONGSHORE_URL: api.url,
    LONGSHORE_API_KEY: api.keys.submit,
  };
  await ask('submit', 'submit', 'cli.lonely', '1', '--require', 'gpu');
  const { stdout, exitCode } = await callLongshore(['doctor', '--json'], env);
  const findings: { check: string; level: string; message: string }[] = JSON.parse(stdout);
  expect(exitCode).toBe(exitCodes.ok);
  expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining([
      'database',
      'schema',
      'partitions',
      'snapshots',
      'routes',
      'api',
      'listener',
      'key',
    ]),
  );
  expect(findings.find(({ message }) => message.includes('cli.lonely requiring gpu'))?.level).toBe('warn');
});

test('doctor says what is out of reach', async () => {
  const { stdout, exitCode } = await callLongshore(['doctor', '--url', 'http://127.0.0.1:1'], {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  });
  expect(exitCode).toBe(exitCodes.failed);
  expect(stdout).toMatch(/FAIL {2}database/);
  expect(stdout).toMatch(/FAIL {2}api/);
});

test('migrate tells when nothing is pending', async () => {
  const env = { DATABASE_URL: api.database.url };
  const status = await callLongshore(['migrate', '--status', '--json'], env);
  expect(status).toMatchObject({ exitCode: exitCodes.ok });
  expect(JSON.parse(status.stdout)).toEqual({ pending: [] });
  const again = await callLongshore(['migrate'], env);
  expect(again).toMatchObject({ exitCode: exitCodes.ok });
  expect(again.stdout).toContain('functions');
});

test.each<[Key, string[], number]>([
  ['submit', ['jobs', 'get', crypto.randomUUID()], exitCodes.notFound],
  ['submit', ['jobs', 'get', 'no-id'], exitCodes.usage],
  ['submit', ['jobs', 'get'], exitCodes.usage],
  ['submit', ['jobs', 'list', '--colour', 'red'], exitCodes.usage],
  ['submit', ['submit', 'cli.a', '{not json'], exitCodes.usage],
  ['submit', ['submit', 'cli.a', '1', '--run-at', 'tomorrow'], exitCodes.usage],
  ['submit', ['no-such-command'], exitCodes.usage],
  ['worker', ['jobs', 'list'], exitCodes.refused],
  ['submit', ['keys', 'list'], exitCodes.refused],
  ['admin', ['workers', 'revoke', crypto.randomUUID()], exitCodes.notFound],
])('with a %s key, %j exits with %i and says why on standard error', async (key, args, exitCode) => {
  const ended = await run(key, args);
  expect(ended).toMatchObject({ exitCode, stdout: '' });
  expect(ended.stderr).not.toBe('');
  expect(ended.stderr).not.toContain(api.keys[key]);
});

test('without a key there is nothing to call with', async () => {
  const { exitCode, stdout } = await runLongshore(['jobs', 'list', '--json'], {
    env: { LONGSHORE_URL: api.url },
  });
  expect(exitCode).toBe(exitCodes.refused);
  expect(JSON.parse(stdout).error.hint).toContain('longshore dev');
});

test('the help is printed for a command, a noun and the whole', async () => {
  for (const args of [['--help'], ['jobs', '--help'], ['submit', '--help'], ['demo', '-h']]) {
    const { exitCode, stdout } = await callLongshore(args);
    expect(exitCode).toBe(exitCodes.ok);
    expect(stdout).toContain('Usage: longshore');
    expect(stdout).toContain('Exit codes: 0 ok');
  }
});
