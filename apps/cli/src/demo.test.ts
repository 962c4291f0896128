import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@longshore/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DemoReport } from './demo/run-demo.ts';
import { startLongshore } from './testing/run-longshore.ts';

let folder = '';
let temporary = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longshore-demo-test-'));
  temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  // PostgreSQL, when root starts it, comes here as another user.
  for (const path of [folder, temporary]) chmodSync(path, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

const startDemo = (...args: string[]) => {
  const env = { TMPDIR: temporary };
  return startLongshore(['demo', ...args], { env });
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const workerPids = (text: string): number[] =>
  [...text.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid));

test('the demo counts every file once although a worker is killed, and leaves nothing behind', async () => {
  const files = join(folder, 'files');
  mkdirSync(files);
  for (let n = 1; n <= 12; n += 1) writeFileSync(join(files, `${n}.txt`), 'one two\nthree\n'.repeat(n));

  const { exitCode, stdout, stderr } = await startDemo(files, '--json').ended;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const report: DemoReport = JSON.parse(stdout);
  expect(report).toMatchObject({ files: 12, lost: 0, killedWorker: 'worker-2' });
  expect(report.merged).toMatchObject({ files: 12, disagreements: 0, words: 3 * 78, lines: 2 * 78 });

  expect(workerPids(stderr)).toHaveLength(2);
  expect(workerPids(stderr).filter(isAlive)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
}, 120_000);

test('Ctrl-C ends the demo with 130 and all of its processes', async () => {
  const demo = startDemo();
  await eventually(() => workerPids(demo.stdout()).length === 2, { timeoutMs: 60_000 });
  demo.kill('SIGINT');
  const { exitCode, stdout } = await demo.ended;
  expect(exitCode).toBe(130);
  expect(workerPids(stdout).filter(isAlive)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
}, 120_000);

test('when the demo itself is killed, its processes end too', async () => {
  const demo = startDemo();
  await eventually(() => workerPids(demo.stdout()).length === 2, { timeoutMs: 60_000 });
  demo.kill('SIGKILL');
  await demo.ended;
  const pids = workerPids(demo.stdout());
  await eventually(() => pids.every((pid) => !isAlive(pid)) && readdirSync(temporary).length === 0, {
    timeoutMs: 30_000,
  });
}, 120_000);

test('a folder that is not there is refused before anything starts', async () => {
  const { exitCode, stderr } = await startDemo(join(folder, 'nowhere')).ended;
  expect(exitCode).toBe(2);
  expect(stderr).toContain('is no folder');
});
