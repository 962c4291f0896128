import { gate } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { createFailedAttempts } from './failed-attempts.ts';

const setUp = (perMinute = 20, networksMax = 3) => {
  const clock = { nowMs: 0 };
  const attempts = createFailedAttempts({ perMinute, networksMax, nowMs: () => clock.nowMs });
  const log = { lookUps: 0 };
  const answerWith = (answer: string | null) => async () => {
    log.lookUps += 1;
    return answer;
  };
  const fail = (address: string) => attempts.tryOnce(address, answerWith(null));
  const failTimes = async (address: string, count: number): Promise<void> => {
    for (let time = 0; time < count; time++) await fail(address);
  };
  return { clock, attempts, log, answerWith, fail, failTimes };
};
const limited = { code: 'RATE_LIMITED', isRetryable: true };

test('twenty wrong keys a minute are looked up, the next are refused without a look', async () => {
  const { clock, log, fail, failTimes } = setUp();
  await failTimes('192.0.2.1', 20);
  clock.nowMs = 20_000;
  await expect(fail('192.0.2.1')).rejects.toMatchObject({ ...limited, retryAfterSeconds: 40 });
  expect(log.lookUps).toBe(20);
  clock.nowMs = 60_000;
  expect(await fail('192.0.2.1')).toBeNull();
});

test('the neighbours of a network share its tries, others do not', async () => {
  const { fail, failTimes } = setUp();
  await failTimes('192.0.2.1', 20);
  await expect(fail('192.0.2.200')).rejects.toMatchObject(limited);
  await expect(fail('::ffff:192.0.2.9')).rejects.toMatchObject(limited);
  expect(await fail('192.0.3.1')).toBeNull();
});

test('right keys cost no tries, nor does a database that does not answer', async () => {
  const { attempts, answerWith, fail, failTimes } = setUp(2);
  for (let time = 0; time < 50; time++) {
    expect(await attempts.tryOnce('192.0.2.1', answerWith('right'))).toBe('right');
    const broken = attempts.tryOnce('192.0.2.1', () => Promise.reject(new Error('away')));
    await expect(broken).rejects.toThrow('away');
  }
  await failTimes('192.0.2.1', 2);
  await expect(fail('192.0.2.1')).rejects.toMatchObject(limited);
});

test('a key that was refused without a look counts too', async () => {
  const { attempts, fail } = setUp(1);
  attempts.note('192.0.2.1');
  await expect(fail('192.0.2.1')).rejects.toMatchObject(limited);
});

test('a thousand wrong keys at once are no more than twenty look-ups', async () => {
  const { log, fail } = setUp();
  const outcomes = await Promise.allSettled(Array.from({ length: 1_000 }, () => fail('192.0.2.1')));
  expect(log.lookUps).toBe(20);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(980);
});

test('a thousand right keys at once all get in, a few at a time', async () => {
  const { attempts } = setUp();
  const open = gate();
  let underWay = 0;
  let underWayMax = 0;
  const lookUp = async () => {
    underWay += 1;
    underWayMax = Math.max(underWayMax, underWay);
    await open.opened;
    underWay -= 1;
    return 'right';
  };
  const calls = Array.from({ length: 1_000 }, () => attempts.tryOnce('192.0.2.1', lookUp));
  open.open();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['right']));
  expect(underWayMax).toBe(20);
});

test('only so many networks are remembered, the oldest is forgotten first', async () => {
  const { fail, failTimes } = setUp(1);
  for (const third of [1, 2, 3]) await failTimes(`192.0.${third}.1`, 1);
  await expect(fail('192.0.1.1')).rejects.toMatchObject(limited);
  await failTimes('192.0.4.1', 1);
  expect(await fail('192.0.1.1')).toBeNull();
});

test('a limit of 0 is none', async () => {
  const { failTimes, log } = setUp(0);
  await failTimes('192.0.2.1', 100);
  expect(log.lookUps).toBe(100);
});
