import type { Job } from '@longshore/contract';
import { expect, test } from 'vitest';
import { createWatchHub } from './live/watch-hub.ts';
import { createWaits } from './waits.ts';

const place = { orgId: 1, id: 'j' };

const setUp = () => {
  const state: { job: Job | null } = { job: { id: 'j', state: 'running' } as Job };
  let isElsewhereFinal = false;
  const watchJobs = async () =>
    state.job ? [{ ...place, mark: state.job.state, isFinal: isElsewhereFinal }] : [];
  const hub = createWatchHub({ watchJobs, onError: () => {}, pollMs: 1 });
  const waits = createWaits({
    hub,
    watchJobs,
    getJob: async () => state.job,
    readWatched: async () => [
      { job: state.job as Job & { state: 'completed' }, state: '', progress: null, outputLines: 0 },
    ],
  });
  const wait = (waitSeconds = 30, signal?: AbortSignal) => waits.wait({ ...place, waitSeconds, signal });
  const waitMany = (waitSeconds = 30) =>
    waits.waitMany({ orgId: 1, ids: ['j'], waitSeconds, signal: undefined });
  const finish = () => {
    state.job = { id: 'j', state: 'completed' } as Job;
  };
  const finishElsewhere = () => {
    finish();
    isElsewhereFinal = true;
  };
  return { state, hub, wait, waitMany, finish, finishElsewhere };
};

test('a finish on this process wakes the waiter', async () => {
  const { hub, wait, finish } = setUp();
  const waiting = wait();
  finish();
  hub.noteFinished(1, ['j']);
  expect((await waiting)?.state).toBe('completed');
});

test('a finish on another process is found by the poll', async () => {
  const { wait, waitMany, finishElsewhere } = setUp();
  const waiting = [wait(), waitMany()] as const;
  await new Promise((resolve) => setImmediate(resolve));
  finishElsewhere();
  expect((await waiting[0])?.state).toBe('completed');
  expect(JSON.parse(JSON.stringify(await waiting[1]))).toMatchObject({
    jobs: [{ state: 'completed' }],
    missing: [],
  });
});

test('a wait for many that may take no time answers with those that are final, and names those that are not there', async () => {
  const { state, waitMany, finishElsewhere } = setUp();
  expect(await waitMany(0)).toEqual({ jobs: [], missing: [] });
  finishElsewhere();
  expect(JSON.parse(JSON.stringify(await waitMany(0)))).toMatchObject({ jobs: [{ id: 'j' }] });
  state.job = null;
  expect(JSON.parse(JSON.stringify(await waitMany()))).toEqual({ jobs: [], missing: ['j'] });
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
  const { hub, wait } = setUp();
  const waiting = wait();
  hub.close();
  expect(await waiting).toBeNull();
});

test('a caller who hangs up waits no longer', async () => {
  const { wait } = setUp();
  const caller = new AbortController();
  const waiting = wait(30, caller.signal);
  caller.abort();
  expect(await waiting).toBeNull();
});
