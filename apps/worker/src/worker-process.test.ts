import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminClient, createClient } from '@longshore/sdk';
import { eventually, useApi } from '@longshore/test-kit';
import { afterAll, afterEach, expect, test } from 'vitest';
import { echo } from '../examples/handlers.ts';
import { gated } from './fixtures/gated-handlers.ts';

const main = join(import.meta.dirname, 'main.ts');
const examples = join(import.meta.dirname, '../examples/handlers.ts');
const gatedHandlers = join(import.meta.dirname, 'fixtures/gated-handlers.ts');

const api = useApi();
const folder = mkdtempSync(join(tmpdir(), 'longshore-worker-test-'));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface StartedWorker {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  exited: Promise<number | null>;
}

const startWorker = (args: string[], env: Record<string, string> = {}): StartedWorker => {
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      LONGSHORE_URL: api.url,
      LONGSHORE_API_KEY: api.keys.worker,
      ...env,
    },
  });
  running.add(child);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    texts.stdout += data;
  });
  child.stderr.on('data', (data) => {
    texts.stderr += data;
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return { child, stdout: () => texts.stdout, stderr: () => texts.stderr, exited };
};

const untilReady = (worker: StartedWorker) =>
  eventually(() => worker.stdout().includes('longshore worker ready: test worker\n'));

const client = () => createClient({ url: api.url, apiKey: api.keys.submit });

/** A worker that runs one job, which ends when `release` is called. */
const startGatedJob = async (args: string[] = []) => {
  const file = join(folder, crypto.randomUUID());
  const worker = startWorker(['--handlers', gatedHandlers, ...args]);
  const handle = await client().submit(gated, { file });
  await eventually(async () => (await client().get(handle.id)).state === 'running');
  return { worker, handle, release: () => writeFileSync(file, '') };
};

test('a worker process does jobs, logs no payload, and leaves in order on SIGTERM', async () => {
  const worker = startWorker(['--handlers', examples, '--log-level', 'debug']);
  await untilReady(worker);
  const handle = await client().submit(echo, { secret: 'tell nobody' });
  expect(await handle.wait({ timeoutSeconds: 10 })).toEqual({ secret: 'tell nobody' });

  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  const lines = worker.stderr().trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).msg)).toContain('job completed');
  expect(worker.stderr()).not.toContain('tell nobody');
  expect(worker.stderr()).not.toContain(api.keys.worker);
});

test('the first signal lets a running job finish', async () => {
  const { worker, handle, release } = await startGatedJob();
  worker.child.kill('SIGTERM');
  await eventually(() => worker.stderr().includes('"draining"'));
  release();
  expect(await handle.wait({ timeoutSeconds: 10 })).toBe('the file is there');
  expect(await worker.exited).toBe(0);
});

test('what is not done within the drain goes back unspent', async () => {
  const { worker, handle } = await startGatedJob(['--drain-seconds', '0']);
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(await client().get(handle.id)).toMatchObject({ state: 'available', attempt: 0 });
  await client().cancel(handle.id);
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a second signal, %s, gives the job back at once and exits with %i', async (signal, exitCode) => {
  const { worker, handle } = await startGatedJob();
  worker.child.kill('SIGTERM');
  await eventually(() => worker.stderr().includes('"draining"'));
  worker.child.kill(signal);
  expect(await worker.exited).toBe(exitCode);
  expect(await client().get(handle.id)).toMatchObject({ state: 'available', attempt: 0 });
  await client().cancel(handle.id);
});

test('a key that is refused ends the process with what to do about it', async () => {
  const worker = startWorker(['--handlers', examples], { LONGSHORE_API_KEY: api.keys.submit });
  expect(await worker.exited).toBe(1);
  expect(worker.stderr()).toContain('refused the key');
  expect(worker.stderr()).not.toContain(api.keys.submit);
});

test('a worker that is revoked ends, for whoever started it to see', async () => {
  const admin = createAdminClient({ url: api.url, apiKey: api.keys.admin });
  const { id, apiKey } = await admin.workers.register({ name: 'short-lived' });
  const worker = startWorker(['--handlers', examples], { LONGSHORE_API_KEY: apiKey });
  await eventually(() => worker.stdout().includes('longshore worker ready: short-lived\n'));
  await admin.workers.revoke(id);
  expect(await worker.exited).toBe(1);
  expect(worker.stderr()).toContain('refused the key');
});

test.each([
  ['exports no handlers', 'export const answer = 42;'],
  ['cannot be loaded', "import './not-there.ts';"],
])('a module that %s ends the process with its path', async (reason, source) => {
  const file = join(folder, `${reason.replaceAll(' ', '-')}.ts`);
  writeFileSync(file, source);
  const worker = startWorker(['--handlers', file]);
  expect(await worker.exited).toBe(1);
  expect(worker.stderr()).toContain(`${file} ${reason}`);
});

test.each([
  [['--handlers', examples], { LONGSHORE_API_KEY: '' }, 'LONGSHORE_API_KEY is missing'],
  [[], {}, '--handlers is missing'],
  [['--handlers', examples, '--concurrency', 'many'], {}, '--concurrency must be a number'],
  [['--handlers', examples, '--colour'], {}, '--colour'],
])('wrong usage exits with 2: %j %j', async (args, env, message) => {
  const worker = startWorker(args, env);
  expect(await worker.exited).toBe(2);
  expect(worker.stderr()).toContain(message);
});
