import type { Job } from '@longshore/sdk';
import { percentile } from '../render-numbers.ts';

export interface Latency {
  p50: number;
  p99: number;
}

/** From the instant a job may run to the instant a worker has it, in ms by the database's clock. */
export const measurePickup = (jobs: readonly Job[]): Latency =>
  latencyOf(
    jobs.flatMap((job) =>
      'startedAt' in job && job.startedAt ? [Date.parse(job.startedAt) - Date.parse(job.runAt)] : [],
    ),
  );

export const latencyOf = (values: readonly number[]): Latency => ({
  p50: percentile(values, 50),
  p99: percentile(values, 99),
});

/**
 * Completed jobs a second from the first start to the last finish. Rescued jobs are left out: what they waited for is
 * the dead worker's lease.
 */
export const measureRate = (jobs: readonly Job[]): number => {
  const spans = jobs.flatMap((job) =>
    job.state === 'completed' && job.rescues === 0
      ? [{ start: Date.parse(job.startedAt), end: Date.parse(job.finishedAt) }]
      : [],
  );
  const firstStart = Math.min(...spans.map(({ start }) => start));
  const lastEnd = Math.max(...spans.map(({ end }) => end));
  return (1_000 * spans.length) / Math.max(1, lastEnd - firstStart);
};

/** Attempts that failed and were tried again. */
export const countRetries = (jobs: readonly Job[]): number =>
  jobs.reduce((retries, { attempt }) => retries + Math.max(0, attempt - 1), 0);

/** Times that a dead worker's job went to another. */
export const countRescues = (jobs: readonly Job[]): number =>
  jobs.reduce((rescues, job) => rescues + job.rescues, 0);
