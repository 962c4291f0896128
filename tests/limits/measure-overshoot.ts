import { startApiCluster } from '../processes/api-cluster.ts';
import { call } from '../processes/call.ts';

export interface OvershootRun {
  processes: number;
  clients: number;
  perMinute: number;
  seconds: number;
}

export interface Overshoot extends OvershootRun {
  sent: number;
  allowed: number;
  /** A bucket of a minute's worth, full at the start, and what flowed in meanwhile. */
  allowedMax: number;
  overshoot: number;
  refusedWithoutRetryAfter: number;
}

/** One key, many clients that never pause, and the limit held by several processes together. */
export const measureOvershoot = async (run: OvershootRun): Promise<Overshoot> => {
  const cluster = await startApiCluster({
    processes: run.processes,
    env: { LONGSHORE_RATE_SUBMIT_PER_MINUTE: String(run.perMinute) },
  });
  try {
    const key = await cluster.makeKey('submit');
    const counts = { sent: 0, allowed: 0, refusedWithoutRetryAfter: 0 };
    const startedAtMs = performance.now();
    const flood = async (url: string): Promise<void> => {
      while (performance.now() < startedAtMs + run.seconds * 1_000) {
        const { status, retryAfterSeconds } = await call(url, key, 'jobs.submit', { kind: 'k', payload: 1 });
        counts.sent += 1;
        if (status === 200) counts.allowed += 1;
        else if (status !== 429 || retryAfterSeconds === null) counts.refusedWithoutRetryAfter += 1;
      }
    };
    await Promise.all(cluster.urls.flatMap((url) => Array.from({ length: run.clients }, () => flood(url))));
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const allowedMax = run.perMinute + (run.perMinute / 60) * seconds;
    const overshoot = Math.max(0, counts.allowed / allowedMax - 1);
    return { ...run, ...counts, seconds, allowedMax, overshoot };
  } finally {
    await cluster.stop();
  }
};
