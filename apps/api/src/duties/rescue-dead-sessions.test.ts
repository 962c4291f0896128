import { expect, test } from 'vitest';
import { createRescueDuty } from './rescue-dead-sessions.ts';

const setUp = () => {
  const state = { nowMs: 0, isAway: false, rescued: 0 };
  const duty = createRescueDuty({
    due: {
      deadSessions: async () => {
        if (state.isAway) throw new Error('away');
        return [{ orgId: 1, sessionId: 's', hasEnded: false }];
      },
    },
    lifecycle: {
      rescue: async () => {
        state.rescued += 1;
        return 1;
      },
    },
    onError: () => {},
    graceSeconds: 5,
    nowMs: () => state.nowMs,
  });
  return { state, duty };
};

test('after a start the sessions that look dead may be heard again first', async () => {
  const { state, duty } = setUp();
  await duty.runOnce();
  state.nowMs = 4_999;
  await duty.runOnce();
  expect(state.rescued).toBe(0);
  state.nowMs = 5_000;
  await duty.runOnce();
  expect(state.rescued).toBe(1);
});

test('after a time without the database they may so too', async () => {
  const { state, duty } = setUp();
  await duty.runOnce();
  state.nowMs = 10_000;
  state.isAway = true;
  await expect(duty.runOnce()).rejects.toThrow('away');
  state.isAway = false;
  await duty.runOnce();
  expect(state.rescued).toBe(0);
  state.nowMs = 15_000;
  await duty.runOnce();
  expect(state.rescued).toBe(1);
});
