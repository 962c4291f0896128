import { setTimeout as delay } from 'node:timers/promises';
import { defineJob } from '@longshore/sdk';
import { z } from 'zod';

/** Answers with what it was given. */
export const echo = defineJob({ kind: 'echo', payload: z.json(), result: z.json() });

/** Takes its time, tells how far it is, and stops when it is asked to. */
export const sleep = defineJob({
  kind: 'sleep',
  payload: z.object({ seconds: z.number().min(0).max(3_600) }),
  progress: z.object({ percent: z.number() }),
  result: z.object({ sleptSeconds: z.number() }),
});

export const wordCount = defineJob({
  kind: 'word-count',
  payload: z.object({ text: z.string() }),
  result: z.object({ words: z.number(), lines: z.number() }),
});

/** Fails as often as it is told to, then succeeds: watch it in `longshore jobs get`. */
export const flaky = defineJob({
  kind: 'flaky',
  payload: z.object({ failures: z.number().int().min(0).default(1) }),
  result: z.object({ attempts: z.number() }),
  backoff: { type: 'fixed', baseSeconds: 1 },
});

const stepsOfSleep = 10;

export default [
  echo.handler((payload) => payload),

  sleep.handler(async ({ seconds }, { signal, progress, log }) => {
    log(`sleeping for ${seconds} s`);
    for (let step = 1; step <= stepsOfSleep; step += 1) {
      await delay((seconds * 1_000) / stepsOfSleep, undefined, { signal });
      progress({ percent: (100 * step) / stepsOfSleep });
    }
    return { sleptSeconds: seconds };
  }),

  wordCount.handler(({ text }) => ({
    words: text.split(/\s+/).filter((word) => word !== '').length,
    lines: text === '' ? 0 : text.split('\n').length,
  })),

  flaky.handler(({ failures }, { attempt }) => {
    if (attempt <= failures) throw new Error(`failing on purpose, attempt ${attempt}`);
    return { attempts: attempt };
  }),
];
