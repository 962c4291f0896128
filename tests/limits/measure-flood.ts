import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimedJob } from '@longshore/contract';
import { type ApiCluster, startApiCluster } from '../processes/api-cluster.ts';
import { call } from '../processes/call.ts';

export interface FloodRun {
  perMinute: number;
  /** How many times the limit is tried. */
  timesOver: number;
  seconds: number;
}

export interface Flood {
  submits: number;
  refused: number;
  submitsPerSecond: number;
  leaseCalls: number;
  leaseFailures: number;
}

/** An org submits far over its limit while a worker of the same org keeps its leases and finishes its jobs. */
export const measureFlood = async ({ perMinute, timesOver, seconds }: FloodRun): Promise<Flood> => {
  const cluster = await startApiCluster({
    processes: 2,
    env: { LONGSHORE_RATE_SUBMIT_PER_MINUTE: String(perMinute) },
  });
  try {
    const endsAtMs = performance.now() + seconds * 1_000;
    const [submits, leases] = await Promise.all([
      submitAtRate(cluster, (perMinute / 60) * timesOver, endsAtMs),
      keepLeases(cluster, endsAtMs),
    ]);
    return { ...submits, submitsPerSecond: submits.submits / seconds, ...leases };
  } finally {
    await cluster.stop();
  }
};

const submitAtRate = async (cluster: ApiCluster, perSecond: number, endsAtMs: number) => {
  const key = await cluster.makeKey('submit');
  const counts = { submits: 0, refused: 0 };
  const startedAtMs = performance.now();
  const callers = Array.from({ length: 32 }, async (_, caller) => {
    const url = cluster.urls[caller % cluster.urls.length]!;
    while (performance.now() < endsAtMs) {
      const dueMs = startedAtMs + (counts.submits / perSecond) * 1_000;
      if (dueMs > performance.now()) await delay(dueMs - performance.now());
      counts.submits += 1;
      const { status } = await call(url, key, 'jobs.submit', { kind: 'flood', payload: 1 });
      if (status === 429) counts.refused += 1;
    }
  });
  await Promise.all(callers);
  return counts;
};

const keepLeases = async (cluster: ApiCluster, endsAtMs: number) => {
  const { apiKey } = await cluster.makeWorker();
  const admin = await cluster.makeKey('admin');
  const counts = { leaseCalls: 0, leaseFailures: 0 };
  const worker = async <Answer>(procedure: string, input: unknown): Promise<Answer> => {
    const { status, data } = await call(cluster.urls[0]!, apiKey, procedure, input);
    if (!procedure.endsWith('claim') && !procedure.endsWith('openSession')) {
      counts.leaseCalls += 1;
      if (status !== 200) counts.leaseFailures += 1;
    }
    return data as Answer;
  };
  const jobs = Array.from({ length: 1_000 }, () => ({ kind: 'held', payload: 1 }));
  await call(cluster.urls[0]!, admin, 'jobs.submitMany', { jobs });
  const { sessionId } = await worker<{ sessionId: string }>('worker.openSession', { kinds: ['held'] });
  const held = (await worker<{ jobs: ClaimedJob[] }>('worker.claim', { sessionId, limit: 1_000 })).jobs;
  while (performance.now() < endsAtMs) {
    const leases = held.map(({ id, leaseToken }) => ({ id, leaseToken }));
    await worker('worker.heartbeat', { sessionId, held: leases });
    const finished = held.pop();
    if (finished) {
      const { answers } = await worker<{ answers: { ok: boolean }[] }>('worker.complete', {
        items: [{ id: finished.id, leaseToken: finished.leaseToken }],
      });
      if (!answers?.[0]?.ok) counts.leaseFailures += 1;
    }
  }
  return counts;
};
