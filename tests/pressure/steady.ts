import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimedJob } from '@longshore/contract';
import { call } from '../processes/call.ts';
import type { Scene } from './scene.ts';

export interface SteadyFigures {
  /** Of claims over HTTP by a session of its own that waits for nothing, among those of the worker. */
  claimMsP50: number;
  claimMsP99: number;
  completedPerSecond: number;
}

const feedMs = 50;
const probeMs = 20;

/** Submits so many jobs a second for a while, beside a prober that claims one job at a time and completes it. */
export const runSteadily = async (
  scene: Scene,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<SteadyFigures> => {
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  const before = scene.completed();
  let sent = 0;
  const feed = async (): Promise<void> => {
    while (performance.now() < endsAtMs) {
      const due = Math.floor(((performance.now() - startedAtMs) * perSecond) / 1_000) - sent;
      sent += due;
      await Promise.all([due > 0 && scene.submit(due), delay(feedMs)]);
    }
  };
  const [, latenciesMs] = await Promise.all([feed(), probeUntil(scene, endsAtMs)]);
  latenciesMs.sort((a, b) => a - b);
  const at = (part: number): number => latenciesMs[Math.floor(latenciesMs.length * part)]!;
  return {
    claimMsP50: at(0.5),
    claimMsP99: at(0.99),
    completedPerSecond: ((scene.completed() - before) * 1_000) / (performance.now() - startedAtMs),
  };
};

const probeUntil = async ({ url, workerKey }: Scene, endsAtMs: number): Promise<number[]> => {
  const ask = async <Answer>(procedure: string, input: unknown): Promise<Answer> => {
    const { status, data } = await call(url, workerKey, procedure, input);
    if (status !== 200) throw new Error(`${procedure} answered ${status} ${JSON.stringify(data)}`);
    return data as Answer;
  };
  const { sessionId } = await ask<{ sessionId: string }>('worker.openSession', { kinds: ['work'] });
  const latenciesMs: number[] = [];
  let beatAtMs = performance.now();
  while (performance.now() < endsAtMs) {
    const askedAtMs = performance.now();
    const { jobs } = await ask<{ jobs: ClaimedJob[] }>('worker.claim', {
      sessionId,
      limit: 1,
      waitSeconds: 0,
    });
    latenciesMs.push(performance.now() - askedAtMs);
    const items = jobs.map(({ id, leaseToken }) => ({ id, leaseToken }));
    if (items.length > 0) await ask('worker.complete', { items });
    if (performance.now() - beatAtMs > 3_000) {
      beatAtMs = performance.now();
      await ask('worker.heartbeat', { sessionId, held: [] });
    }
    await delay(probeMs);
  }
  await ask('worker.closeSession', { sessionId });
  return latenciesMs;
};
