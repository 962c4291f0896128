import { expect, test } from 'vitest';
import { createOpenCalls } from './open-calls.ts';

test('close waits for every call under way, whether it succeeds or fails, and lets none begin', async () => {
  const calls = createOpenCalls('shop');
  const [good, bad] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const told: string[] = [];
  const first = calls.run(() => good.promise).then(() => told.push('good'));
  const second = calls.run(() => bad.promise).catch(() => told.push('bad'));
  const closed = [calls.close(), calls.close()].map((closing) => closing.then(() => told.push('closed')));

  await expect(calls.run(async () => 'late')).rejects.toMatchObject({ code: 'INVALID_STATE' });
  bad.reject(new Error('no luck'));
  await second;
  expect(told).toEqual(['bad']);
  good.resolve('');
  await Promise.all([first, ...closed]);
  expect(told.toSorted()).toEqual(['bad', 'closed', 'closed', 'good']);
  await calls.close();
});
