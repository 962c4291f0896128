import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@longshore/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runLongshore, startLongshore } from './testing/run-longshore.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longshore-dev-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const startDev = async () => {
  const dev = startLongshore(['dev', '--port', '0'], { cwd: folder });
  await eventually(() => dev.stdout().includes('Logs follow'), { timeoutMs: 60_000 });
  return dev;
};

const ask = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await runLongshore([...args, '--json'], { cwd: folder });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return JSON.parse(stdout);
};

const readKeys = () => readFileSync(join(folder, '.longshore/keys.json'), 'utf8');

test('dev does jobs with keys only its user can read, stops in order, and remembers everything', async () => {
  chmodSync(folder, 0o755);
  const first = await startDev();
  expect(statSync(join(folder, '.longshore/keys.json')).mode & 0o777).toBe(0o600);
  const { id, result } = await ask('submit', 'word-count', '{"text":"to be or not to be"}', '--wait');
  expect(result).toEqual({ words: 6, lines: 1 });
  const { admin } = JSON.parse(readKeys());

  first.kill('SIGINT');
  const ended = await first.ended;
  expect(ended.exitCode).toBe(0);
  expect(ended.stdout).toMatch(/job completed[\s\S]*draining[\s\S]*stopped/);

  const second = await startDev();
  expect(JSON.parse(readKeys()).admin).toBe(admin);
  expect(await ask('jobs', 'get', id)).toMatchObject({ state: 'completed' });
  second.kill('SIGTERM');
  expect((await second.ended).exitCode).toBe(0);
}, 120_000);

// Only root's PostgreSQL runs as another user.
test.runIf(process.getuid?.() === 0)(
  'in a folder that is closed to PostgreSQL’s user, dev says so and works on a temporary cluster',
  async () => {
    chmodSync(folder, 0o700);
    const dev = await startDev();
    expect(dev.stdout()).toContain('may not enter');
    expect(dev.stdout()).toContain('gone when this stops');
    dev.kill('SIGINT');
    expect((await dev.ended).exitCode).toBe(0);
  },
  120_000,
);
