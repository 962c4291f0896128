import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { bars, withBars } from '../bars.ts';
import { type Measure, measureOfRuns, quantile } from '../measure.ts';
import type { Subject, SubjectWorker } from '../subject.ts';
import type { Tier } from '../tier.ts';
import { type Bench, takeTurnsOver, withSubjects } from './bench.ts';
import { feedAtPace, feedToTheFull, waitUntilIdle, watchRate } from './feed.ts';

const warmUpRounds = 20;
const stampSecondsMax = 20;

interface Latencies {
  p50: number;
  p99: number;
}

/**
 * Pickup latency in milliseconds: from the call of submit to the first line of the handler in another process, one job at a
 * time. With nothing else to do, and while jobs arrive at half of the rate that the subject can bear.
 */
export const measurePickup = (bench: Bench): Promise<Measure[]> =>
  withSubjects(bench, bench.subjectNames, async (subjects) => {
    const measures = [
      { measure: 'pickup at idle', pick: pickIdle },
      { measure: 'pickup at 50 % load', pick: pickLoaded },
    ];
    bench.progress('pickup');
    const [idle, loaded] = await takeTurnsOver(bench, { measures, subjects }, (subject, { pick }) =>
      pick(bench, subject),
    );
    return [
      ...measuresOf('pickup at idle', idle!).map((measure) => withBars(measure, bars.pickupAtIdle)),
      ...measuresOf('pickup at 50 % load', loaded!),
    ];
  });

const measuresOf = (name: string, runs: Record<string, Latencies[]>): Measure[] =>
  (['p50', 'p99'] as const).map((part) =>
    measureOfRuns(
      `${name}, ${part}`,
      'ms',
      Object.fromEntries(
        Object.entries(runs).map(([subject, all]) => [subject, all.map((run) => run[part])]),
      ),
    ),
  );

const pickIdle = async (bench: Bench, subject: Subject): Promise<Latencies> => {
  const worker = await subject.startWorker({ concurrency: 10 });
  try {
    await takeLatencies(subject, worker, { rounds: warmUpRounds, secondsMax: stampSecondsMax });
    return await takeLatencies(subject, worker, bench.tier.pickup);
  } finally {
    await worker.end();
  }
};

const pickLoaded = async (bench: Bench, subject: Subject): Promise<Latencies> => {
  const worker = await subject.startWorker({ concurrency: 1_000 });
  try {
    const bearable = await findSteadyRate(subject, worker, bench.tier.life);
    const feed = feedAtPace(subject, bearable / 2);
    try {
      await pause(bench.tier.life.warmUpSeconds * 1_000);
      return await takeLatencies(subject, worker, bench.tier.pickup);
    } finally {
      await feed.stop();
    }
  } finally {
    await worker.end();
    await subject.clear();
  }
};

/** Jobs a second that it bears while jobs are submitted as fast as they are worked off. It is idle again afterwards. */
const findSteadyRate = async (
  subject: Subject,
  worker: SubjectWorker,
  { warmUpSeconds, seconds }: Tier['life'],
): Promise<number> => {
  const feed = feedToTheFull(subject, worker);
  await pause(warmUpSeconds * 1_000);
  const { perSecond } = await watchRate(worker, seconds);
  await feed.stop();
  await waitUntilIdle(worker);
  return perSecond;
};

/** Both processes read the same machine's monotonic clock, so the difference needs no correction. */
const takeLatencies = async (
  subject: Subject,
  worker: SubjectWorker,
  { rounds, secondsMax }: Tier['pickup'],
): Promise<Latencies> => {
  const latenciesMs: number[] = [];
  const endAtMs = performance.now() + secondsMax * 1_000;
  while (latenciesMs.length < rounds && performance.now() < endAtMs) {
    const signal = AbortSignal.timeout(stampSecondsMax * 1_000);
    const submittedAtMs = performance.timeOrigin + performance.now();
    const [[startedAtMs]] = await Promise.all([
      once(worker.stamps, 'stamp', { signal }),
      subject.submitStamp(),
    ]);
    latenciesMs.push(startedAtMs - submittedAtMs);
  }
  return { p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) };
};
