import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createClient, defineJob } from '@longshore/sdk';
import { useApi } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const api = useApi();
const block = defineJob({ kind: 'block', payload: z.number(), result: z.string() });
let child: ChildProcess;

beforeAll(() => {
  const env = { ...process.env, API_URL: api.url, API_KEY: api.keys.worker };
  child = spawn(process.execPath, [join(import.meta.dirname, 'blocking-worker.ts')], {
    env,
    stdio: 'inherit',
  });
});
afterAll(async () => {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('B-55: a handler that blocks the event loop for twice the lease keeps its job, and its process ends well', {
  timeout: 150_000,
}, async () => {
  const client = createClient({ url: api.url, apiKey: api.keys.submit });
  const handle = await client.submit(block, 20_000);
  expect(await handle.wait({ timeoutSeconds: 100 })).toBe('still mine');
  expect(await client.get(handle.id)).toMatchObject({ attempt: 1, rescues: 0, attempts: [] });

  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});
