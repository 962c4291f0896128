import type { ClaimedJob } from '@longshore/contract';
import { expect, it } from 'vitest';
import type { ApiClient } from './api-client.ts';
import { claimUntilAborted } from './claim-loop.ts';
import type { JobHandler } from './define-job.ts';
import { createJobRunner } from './job-runner.ts';
import { createEvents } from './typed-events.ts';
import type { WorkerEvents } from './worker-events.ts';
import type { WorkerSession } from './worker-session.ts';

const job = (id: string) => ({ id, kind: 'work', leaseToken: id, payload: null }) as ClaimedJob;

const session: WorkerSession = {
  id: 'session',
  signal: new AbortController().signal,
  hold: () => undefined,
  drop: () => undefined,
  finish: async ({ id }) => ({ id, ok: true, state: 'completed' }),
  report: async ({ id }) => ({ id, ok: true, state: 'running' }),
  send: async () => null,
  say: () => undefined,
  lose: () => undefined,
  close: async () => undefined,
};

/** Claims against a server whose answers the test gives, one after the other; `asked` has the limits of the claims. */
const startClaiming = (concurrency: number) => {
  const asked: number[] = [];
  const answers: ((jobs: ClaimedJob[]) => void)[] = [];
  const wakers: (() => void)[] = [];
  const stopping = new AbortController();
  const claim: ApiClient['worker']['claim'] = ({ limit }) => {
    asked.push(limit);
    for (const wake of wakers.splice(0)) wake();
    return new Promise((resolve) => answers.push((jobs) => resolve({ jobs })));
  };
  const handler: JobHandler = { kind: 'work', perform: async () => null, checkProgress: () => undefined };
  const runner = createJobRunner({
    handlers: new Map([['work', handler]]),
    concurrency,
    abortGraceSeconds: 5,
    events: createEvents<WorkerEvents>(() => undefined),
  });
  const api = { worker: { claim } } as ApiClient;
  const signal = stopping.signal;
  const ended = claimUntilAborted({
    api,
    session,
    runner,
    prefetch: concurrency,
    signal,
    onError: () => undefined,
  });
  const untilAsked = async (claims: number): Promise<void> => {
    while (asked.length < claims) await new Promise<void>((resolve) => wakers.push(resolve));
  };
  return {
    asked,
    untilAsked,
    answer: (...jobs: ClaimedJob[]) => answers.shift()!(jobs),
    stop: async () => {
      stopping.abort();
      for (const answer of answers) answer([]);
      await ended;
    },
  };
};

it('a worker whose place was kept for a claim that found nothing claims again', async () => {
  const { untilAsked, answer, stop } = startClaiming(1);
  await untilAsked(1);
  answer(job('a'));
  await untilAsked(2);
  answer();
  await untilAsked(3);
  await stop();
});

it('while claims of the largest size come back full the next one is under way before they are answered', async () => {
  const { asked, untilAsked, answer, stop } = startClaiming(1_000);
  await untilAsked(1);
  for (let batch = 0; batch < 3; batch++) {
    answer(...Array.from({ length: 1_000 }, (_, place) => job(`${batch} ${place}`)));
    await untilAsked(batch + 2);
  }
  await untilAsked(5);
  expect(asked).toEqual(asked.map(() => 1_000));
  await stop();
});
