import { LongshoreError } from '@longshore/contract';
import { describe, expect, it } from 'vitest';
import { backoffMs, type CallFailure, callWithRetries, createRetryBudget } from './retry-policy.ts';

const unavailable = new LongshoreError('UNAVAILABLE', 'away');
const toFailure = (thrown: unknown): CallFailure => ({ error: thrown as LongshoreError });
const generousPolicy = () => ({ budget: createRetryBudget(), toFailure });

/** Fails so often, then answers. */
const failing = (times: number, error: LongshoreError) => {
  const calls = { count: 0 };
  const send = async (): Promise<string> => {
    calls.count++;
    if (calls.count <= times) throw error;
    return 'answer';
  };
  return { calls, send };
};

describe('retry budget', () => {
  it('is spent, and earned again at a tenth of the requests', () => {
    const budget = createRetryBudget({ savedMax: 2, nowMs: () => 0 });
    expect([budget.takeRetry(), budget.takeRetry(), budget.takeRetry()]).toEqual([true, true, false]);
    for (let request = 0; request < 11; request++) budget.noteRequest();
    expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
  });

  it('gives a quiet caller a retry a second', () => {
    let now = 0;
    const budget = createRetryBudget({ savedMax: 1, nowMs: () => now });
    expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
    now = 1_000;
    expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
  });

  it('never saves up more than its bound', () => {
    let now = 0;
    const budget = createRetryBudget({ savedMax: 1, nowMs: () => now });
    now = 3_600_000;
    expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
  });
});

describe('backoff', () => {
  it('doubles up to 5 seconds', () => {
    expect([1, 2, 3, 50].map((failures) => backoffMs(failures, () => 1))).toEqual([100, 200, 400, 5_000]);
  });

  it('stays below a lower cap', () => {
    expect(backoffMs(50, () => 1, 1_000)).toBe(1_000);
  });

  it('spreads over the whole range', () => {
    expect(backoffMs(3, () => 0)).toBe(0);
    expect(backoffMs(3, () => 0.5)).toBe(200);
  });
});

describe('callWithRetries', () => {
  it('repeats what may succeed later', async () => {
    const { calls, send } = failing(2, unavailable);
    expect(await callWithRetries(send, generousPolicy())).toBe('answer');
    expect(calls.count).toBe(3);
  });

  it('does not repeat what will be refused again', async () => {
    const { calls, send } = failing(1, new LongshoreError('INVALID_INPUT', 'no'));
    await expect(callWithRetries(send, generousPolicy())).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(calls.count).toBe(1);
  });

  it('does not repeat a call that may only be made once', async () => {
    const { calls, send } = failing(1, unavailable);
    const once = callWithRetries(send, generousPolicy(), { retries: 'never' });
    await expect(once).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(calls.count).toBe(1);
  });

  it('stops repeating when the budget is spent, unless the call must be answered', async () => {
    const policy = { budget: createRetryBudget({ savedMax: 0 }), toFailure };
    await expect(callWithRetries(failing(1, unavailable).send, policy)).rejects.toBe(unavailable);
    expect(await callWithRetries(failing(1, unavailable).send, policy, { retries: 'persistent' })).toBe(
      'answer',
    );
  });

  it('asks a server that fails inside again only for a call that must be answered', async () => {
    const internal = new LongshoreError('INTERNAL', 'broken');
    const must = failing(1, internal);
    expect(await callWithRetries(must.send, generousPolicy(), { retries: 'stubborn' })).toBe('answer');
    const may = failing(1, internal);
    await expect(callWithRetries(may.send, generousPolicy())).rejects.toBe(internal);
    const waits = failing(1, internal);
    const call = callWithRetries(waits.send, generousPolicy(), { retries: 'persistent' });
    await expect(call).rejects.toBe(internal);
    expect([must.calls.count, may.calls.count, waits.calls.count]).toEqual([2, 1, 1]);
  });

  it('gives up at once when its caller does', async () => {
    const caller = new AbortController();
    const hanging = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const call = callWithRetries(hanging, generousPolicy(), { signal: caller.signal, retries: 'persistent' });
    caller.abort();
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
