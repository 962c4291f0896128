import type { Job } from '@longshore/contract';
import { expect, test } from 'vitest';
import { createWaits } from './waits.ts';

const setUp = () => {
  const state: { job: Job | null; reads: number } = { job: { id: 'j', state: 'running' } as Job, reads: 0 };
  const elsewhere = new Set<string>();
  const waits = createWaits({
    getJob: async () => {
      state.reads += 1;
      return state.job;
    },
    finishedAmong: async () => elsewhere,
    onError: () => {},
    pollMs: 1,
  });
  const wait = (waitSeconds = 30, signal?: AbortSignal) =>
    waits.wait({ orgId: 1, id: 'j', waitSeconds, signal });
  const finish = () => {
    state.job = { id: 'j', state: 'completed' } as Job;
  };
  return { state, elsewhere, waits, wait, finish };
};

test('a finish on this process wakes the waiter', async () => {
  const { waits, wait, finish } = setUp();
  const waiting = wait();
  finish();
  waits.noteFinished(['j']);
  expect((await waiting)?.state).toBe('completed');
});

test('a finish on another process is found by the poll', async () => {
  const { elsewhere, wait, finish } = setUp();
  const waiting = wait();
  await new Promise((resolve) => setImmediate(resolve));
  finish();
  elsewhere.add('j');
  expect((await waiting)?.state).toBe('completed');
});

test('a wait that may take no time answers with what is', async () => {
  const { wait, finish } = setUp();
  expect(await wait(0)).toBeNull();
  finish();
  expect((await wait(0))?.state).toBe('completed');
});

test('a job that does not exist is NOT_FOUND', async () => {
  const { state, wait } = setUp();
  state.job = null;
  await expect(wait()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('closing ends every wait', async () => {
  const { waits, wait } = setUp();
  const waiting = wait();
  waits.close();
  expect(await waiting).toBeNull();
});

test('a caller who hangs up waits no longer', async () => {
  const { wait } = setUp();
  const caller = new AbortController();
  const waiting = wait(30, caller.signal);
  caller.abort();
  expect(await waiting).toBeNull();
});
