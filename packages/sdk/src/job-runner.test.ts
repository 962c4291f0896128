import { type ClaimedJob, LongshoreError } from '@longshore/contract';
import { describe, expect, it } from 'vitest';
import type { JobHandler } from './define-job.ts';
import type { JobContext } from './job-context.ts';
import { createJobRunner } from './job-runner.ts';
import { createEvents } from './typed-events.ts';
import type { WorkerEvents } from './worker-events.ts';
import type { WorkerSession } from './worker-session.ts';

const leaseLost = new LongshoreError('LEASE_LOST', 'gone');

const claimed = (leaseToken: string): ClaimedJob => ({
  id: 'x',
  kind: 'work',
  queue: 'default',
  priority: 0,
  category: null,
  payload: null,
  attempt: 1,
  maxAttempts: 3,
  fencingToken: 1,
  leaseToken,
  timeoutSeconds: null,
  metadata: null,
  tags: [],
  batchId: null,
  externalId: null,
  createdAt: '2026-01-01T00:00:00Z',
  runAt: '2026-01-01T00:00:00Z',
});

/** A runner of one handler, and a session that answers at once and writes down what it was told. */
const createTestRunner = (perform: (context: JobContext) => Promise<unknown>, abortGraceSeconds = 3_600) => {
  const told: string[] = [];
  const session: WorkerSession = {
    id: 'session',
    signal: new AbortController().signal,
    hold: () => undefined,
    drop: () => undefined,
    finish: async ({ id }, { type }) => {
      told.push(type);
      return { id, ok: true, state: 'available' };
    },
    report: async ({ id }) => ({ id, ok: true, state: 'running' }),
    send: async () => null,
    say: () => undefined,
    lose: () => undefined,
    close: async () => undefined,
  };
  const handler: JobHandler = {
    kind: 'work',
    perform: (_, context) => perform(context),
    checkProgress: () => undefined,
  };
  const events = createEvents<WorkerEvents>(() => undefined);
  const handlers = new Map([['work', handler]]);
  const runner = createJobRunner({ handlers, concurrency: 2, abortGraceSeconds, events });
  return { runner, session, told };
};

const settleMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('job runner', () => {
  it('leaves a run alone when it was an earlier lease on its job that was lost', async () => {
    const signals: AbortSignal[] = [];
    const done = Promise.withResolvers<void>();
    const { runner, session, told } = createTestRunner(async ({ signal }) => {
      signals.push(signal);
      await done.promise;
    });
    runner.accept(session, [claimed('second')]);
    runner.abort(session, { id: 'x', leaseToken: 'first' }, () => leaseLost);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    runner.abort(session, { id: 'x', leaseToken: 'second' }, () => leaseLost);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    done.resolve();
    await runner.whenEmpty();
    expect(told).toEqual(['complete']);
  });

  it('gives a job back only when its handler, told to stop, has settled', async () => {
    const cleanedUp = Promise.withResolvers<void>();
    const { runner, session, told } = createTestRunner(async ({ signal }) => {
      await cleanedUp.promise;
      signal.throwIfAborted();
    });
    runner.accept(session, [claimed('first')]);
    runner.stopRunning(leaseLost);
    await settleMicrotasks();
    expect(told).toEqual([]);
    cleanedUp.resolve();
    await runner.whenEmpty();
    expect(told).toEqual(['release']);
  });

  it('gives a job back without its handler when the grace is over, or nobody waits any longer', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const patient = createTestRunner(never);
    patient.runner.accept(patient.session, [claimed('first')]);
    patient.runner.stopRunning(leaseLost);
    patient.runner.abandonAll();
    await patient.runner.whenEmpty();
    const hasty = createTestRunner(never, 0);
    hasty.runner.accept(hasty.session, [claimed('first')]);
    hasty.runner.stopRunning(leaseLost);
    await hasty.runner.whenEmpty();
    expect([patient.told, hasty.told]).toEqual([['release'], ['release']]);
  });

  it('gives refused jobs back without starting them', async () => {
    let runs = 0;
    const { runner, session, told } = createTestRunner(async () => {
      runs += 1;
    });
    runner.refuse(session, [claimed('first')]);
    await runner.whenEmpty();
    expect({ runs, told }).toEqual({ runs: 0, told: ['release'] });
  });

  it('gives back what a claim brings after it was told to start nothing more', async () => {
    let runs = 0;
    const { runner, session, told } = createTestRunner(async () => {
      runs += 1;
    });
    runner.stopStarting();
    runner.accept(session, [claimed('late')]);
    await runner.whenEmpty();
    expect({ runs, told }).toEqual({ runs: 0, told: ['release'] });
  });
});
