import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useApi } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installInEmptyProject, packPackages, run } from './packed-packages.ts';

const api = useApi();
let folder: string;
let project: string;

const helloWorld = `
import { createClient, createWorker, defineJob } from '@longshore/sdk';
import { isPendingJob, JobWorker } from '@longshore/sdk/job-worker';
import { QueueClient } from '@longshore/sdk/queue-client';
import { WorkerPool } from '@longshore/sdk/worker-pool';
import { z } from 'zod';

const greet = defineJob({ kind: 'greet', payload: z.object({ name: z.string() }), result: z.string() });

const url = process.env.API_URL ?? '';
const worker = createWorker({
  url,
  apiKey: process.env.WORKER_KEY ?? '',
  handlers: [greet.handler(({ name }, { log }) => { log('greeting'); return \`Hello, \${name}\`; })],
});
await worker.start();

const client = createClient({ url, apiKey: process.env.SUBMIT_KEY ?? '' });
const handle = await client.submit(greet, { name: 'Ada' });
const pool = new WorkerPool({ url, apiKey: process.env.WORKER_KEY ?? '', name: 'packed', processors: { shout: (text: string) => text.toUpperCase() } });
await pool.start();
const queue = new QueueClient({ url, apiKey: process.env.SUBMIT_KEY ?? '', name: 'packed' });
const shout = await queue.add('shout', 'ahoy');
while ((await queue.getJobState(shout.id)) !== 'completed') await new Promise((resolve) => setTimeout(resolve, 20));
if (JSON.stringify([typeof JobWorker, typeof isPendingJob]) !== '["function","function"]') throw new Error('no classes');
await pool.stop();

const greeting: string = await handle.wait({ timeoutSeconds: 20 });
console.log(greeting);
await worker.stop();
await client.close();
`;

const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  types: ['node'],
  rootDir: '.',
  outDir: 'dist',
};

/** This Node, and a Node 20 where there is one. */
const nodes = [
  ...new Set([process.execPath, process.env.NODE20 ?? '', '/usr/local/bin/node', '/usr/bin/node']),
].filter(
  (node) =>
    existsSync(node) && Number(/^v(\d+)/.exec(execFileSync(node, ['-v'], { encoding: 'utf8' }))?.[1]) >= 20,
);

beforeAll(async () => {
  const packed = await packPackages();
  folder = packed.folder;
  project = await installInEmptyProject(folder, packed.tarballs);
  await writeFile(join(project, 'hello.ts'), helloWorld);
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['hello.ts'] }));
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the packages hold what was built, and neither sources nor tests', async () => {
  for (const room of ['contract', 'sdk']) {
    const installed = join(project, 'node_modules/@longshore', room);
    const files = await readdir(installed, { recursive: true });
    expect(files).toContain(join('dist', 'index.js'));
    expect(files).toContain(join('dist', 'index.d.ts'));
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.test|tsbuildinfo|^src/.test(file))).toEqual([]);
    const { exports } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
    expect(exports['.']).toEqual({ types: './dist/index.d.ts', default: './dist/index.js' });
  }
});

test('the published types of the SDK name no package that a stranger does not have', async () => {
  const dist = join(project, 'node_modules/@longshore/sdk/dist');
  for (const file of (await readdir(dist, { recursive: true })).filter((name) => name.endsWith('.d.ts'))) {
    const foreign = (await readFile(join(dist, file), 'utf8')).match(
      /from '(?!\.|@longshore\/contract|@trpc\/client|node:)[^']*'/g,
    );
    expect(foreign).toBeNull();
  }
});

test('a hello world type-checks without skipLibCheck', { timeout: 60_000 }, async () => {
  const tsc = join(import.meta.dirname, '../../node_modules/.bin/tsc');
  await run(tsc, ['-p', '.'], project);
});

test.for(nodes)('it runs on %s', { timeout: 60_000 }, async (node) => {
  const { url, keys } = api;
  const env = { API_URL: url, WORKER_KEY: keys.worker, SUBMIT_KEY: keys.submit };
  expect(await run(node, ['dist/hello.js'], project, env)).toBe('Hello, Ada\n');
});
