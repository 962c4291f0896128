import { LongshoreError } from '@longshore/contract';
import { connect, createAdmin, type Database, drawTokens } from '@longshore/db';
import { steerClock, useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRateLimiter, type RateLimiter, type RateSubject } from './rate-limits.ts';

const database = useDatabase();
const clock = steerClock(database);
let db: Database;
let orgId: number;
beforeAll(async () => {
  db = connect({ url: database.apiUrl });
  await createAdmin(db).createOrg('acme');
  orgId = await createAdmin(db).orgIdOf('acme');
});
afterAll(() => db.close());

/** A key of a test's own, and processes that know the database alone in common. */
const setUp = (perMinute: number) => {
  const process = { nowMs: 0 };
  const subject: RateSubject = { orgId, keyId: crypto.randomUUID(), rateLimits: {} };
  const makeLimiter = (): RateLimiter =>
    createRateLimiter({
      draw: (draw) => drawTokens(db, draw),
      limits: { submit: perMinute },
      nowMs: () => process.nowMs,
    });
  const pass = async (seconds: number): Promise<void> => {
    process.nowMs += seconds * 1_000;
    await clock.advance(seconds);
  };
  return { subject, makeLimiter, pass };
};

const countAllowed = async (calls: Promise<void>[]): Promise<number> => {
  const settled = await Promise.allSettled(calls);
  for (const call of settled) if (call.status === 'rejected') expect(call.reason.code).toBe('RATE_LIMITED');
  return settled.filter(({ status }) => status === 'fulfilled').length;
};

describe('over processes that share a database', () => {
  test('three never allow more than one minute’s worth at once, however many callers each has', async () => {
    const { subject, makeLimiter } = setUp(600);
    const processes = [makeLimiter(), makeLimiter(), makeLimiter()];
    const calls = processes.flatMap((process) =>
      Array.from({ length: 400 }, () => process.spend(subject, 'submit', 1)),
    );
    const allowed = await countAllowed(calls);
    // The clock goes on while the calls are made: a few more may have flowed in.
    expect(allowed).toBeLessThanOrEqual(630);
    expect(allowed).toBeGreaterThan(560);
  });

  test('what was refused is allowed after the time that the refusal names', async () => {
    const { subject, makeLimiter, pass } = setUp(60);
    const process = makeLimiter();
    await process.spend(subject, 'submit', 60);
    const refusal: LongshoreError = await process.spend(subject, 'submit', 10).then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(refusal.code).toBe('RATE_LIMITED');
    expect(refusal.retryAfterSeconds).toBeGreaterThan(9);
    expect(refusal.retryAfterSeconds).toBeLessThanOrEqual(10);
    await pass(10);
    await process.spend(subject, 'submit', 10);
  });
});

test('a batch of n costs n, and one that could never pass is refused for good', async () => {
  const { subject, makeLimiter } = setUp(100);
  const process = makeLimiter();
  await process.spend(subject, 'submit', 90);
  await expect(process.spend(subject, 'submit', 90)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await process.spend(subject, 'submit', 5);
  await expect(process.spend(subject, 'submit', 101)).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('classes and keys have budgets of their own, and a key’s own limit goes before the deployment’s', async () => {
  const { subject, makeLimiter } = setUp(1);
  const process = makeLimiter();
  await process.spend(subject, 'submit', 1);
  await expect(process.spend(subject, 'submit', 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await process.spend(subject, 'lease', 1_000);
  await process.spend({ ...subject, keyId: crypto.randomUUID() }, 'submit', 1);
  await process.spend({ orgId, keyId: crypto.randomUUID(), rateLimits: { submit: 5 } }, 'submit', 5);
});

test('without the database the call fails, and is not allowed', async () => {
  const process = createRateLimiter({
    draw: () => Promise.reject(new LongshoreError('UNAVAILABLE', 'away')),
    limits: { submit: 10 },
  });
  const subject = { orgId, keyId: crypto.randomUUID(), rateLimits: {} };
  await expect(process.spend(subject, 'submit', 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
