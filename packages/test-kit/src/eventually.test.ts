import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { gate } from './gate.ts';

test('eventually gives the first answer there is', async () => {
  const answers = [undefined, null, false, 0];
  expect(await eventually(() => answers.shift(), { pollMs: 1 })).toBe(0);
});

test("eventually fails with the check's own last error", async () => {
  const check = () => expect('blocked').toBe('running');
  await expect(eventually(check, { timeoutMs: 5, pollMs: 1 })).rejects.toThrow(
    "expected 'blocked' to be 'running'",
  );
});

test('eventually waits for an assertion that gives no answer', async () => {
  const door = gate();
  setImmediate(() => door.open());
  await eventually(() => expect(door.isOpen).toBe(true), { pollMs: 1 });
});

test('a gate lets everybody through who waits, and those who come later', async () => {
  const door = gate<string>();
  const waiting = [door.opened, door.opened];
  expect(door.isOpen).toBe(false);

  door.open('go');
  door.open('again');

  expect(await Promise.all([...waiting, door.opened])).toEqual(['go', 'go', 'go']);
});
