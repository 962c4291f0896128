import { expect, test } from 'vitest';
import type { FaultRecord } from './faults/perform.ts';
import { createRecoveryBook, quantile } from './recovery.ts';
import type { JobRow, Lease } from './story.ts';

const lease = (claimedAtMs: number, endedAtMs: number, outcome: string, sessionId: string): Lease => ({
  claimedAtMs,
  endedAtMs,
  outcome,
  sessionId,
});
const fault = (changes: Partial<FaultRecord>): FaultRecord => ({
  atMs: 0,
  type: 'kill worker',
  forMs: 0,
  choice: 0,
  isSolo: true,
  startedAtMs: 0,
  endedAtMs: 0,
  ...changes,
});
const jobOf = (leases: Lease[]) => ({ leases }) as JobRow;

test('a rerun counts from the death of the worker that held the job, whatever others rescued meanwhile', () => {
  const book = createRecoveryBook();
  book.add([
    jobOf([lease(100, 4_000, 'rescued', 'killed'), lease(4_200, 5_000, 'completed', 'heir')]),
    jobOf([lease(100, 4_000, 'rescued', 'other'), lease(4_900, 5_000, 'completed', 'heir')]),
  ]);
  const pids: Record<string, number> = { killed: 7, other: 8 };
  const kill = fault({ pid: 7, startedAtMs: 200 });
  expect(book.measure([kill], (session) => pids[session]).reruns).toEqual([4_000]);
});

test('the first claim after a restart counts from when the server is ready', () => {
  const book = createRecoveryBook();
  book.add([jobOf([lease(900, 950, 'completed', 's')]), jobOf([lease(1_300, 1_350, 'completed', 's')])]);
  const restart = fault({ type: 'restart postgres', readyAtMs: 1_000 });
  expect(book.measure([restart], () => undefined).firstClaims).toEqual([300]);
});

test('a quantile is one of the values', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.99)).toBe(4);
  expect(quantile([], 0.5)).toBeNaN();
});
