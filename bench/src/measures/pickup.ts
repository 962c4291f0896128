import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { bars, withBars } from '../bars.ts';
import { type Measure, measureOfRuns, quantile } from '../measure.ts';
import type { Subject, SubjectWorker } from '../subject.ts';
import type { Tier } from '../tier.ts';
import { type Bench, takeTurns, withSubjects, withWorkers } from './bench.ts';
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
  withSubjects(bench, bench.subjectNames, async (subjects) => [
    ...(await measureAtIdle(bench, subjects)),
    ...(bench.tier.pickup.hasLoad ? await measureUnderLoad(bench, subjects) : []),
  ]);

const measureAtIdle = (bench: Bench, subjects: Subject[]): Promise<Measure[]> =>
  withWorkers(
    subjects,
    () => 10,
    async (workerOf) => {
      const measure = 'pickup at idle';
      bench.progress(measure);
      const warmUp = { rounds: warmUpRounds, secondsMax: stampSecondsMax };
      for (const subject of subjects) await takeLatencies(subject, workerOf(subject), warmUp);
      const runs = await takeTurns(bench, { measure, subjects }, (subject) =>
        takeLatencies(subject, workerOf(subject), bench.tier.pickup),
      );
      return measuresOf(measure, runs).map((each) => withBars(each, bars.pickupAtIdle));
    },
  );

const measureUnderLoad = async (bench: Bench, subjects: Subject[]): Promise<Measure[]> => {
  const measure = 'pickup at 50 % load';
  bench.progress(measure);
  const bearable = new Map<string, number>();
  const runs = await takeTurns(bench, { measure, subjects }, (subject) =>
    pickLoaded(bench, subject, bearable),
  );
  return measuresOf(measure, runs);
};

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

/** `bearable` keeps the rate that a subject bore in its first turn: it takes a while to work off what finding out piled up. */
const pickLoaded = async (
  bench: Bench,
  subject: Subject,
  bearable: Map<string, number>,
): Promise<Latencies> => {
  const worker = await subject.startWorker({ concurrency: 1_000 });
  try {
    const perSecond = bearable.get(subject.name) ?? (await findSteadyRate(subject, worker, bench.tier.life));
    bearable.set(subject.name, perSecond);
    const feed = feedAtPace(subject, perSecond / 2);
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
  const { perSecond } = await watchRate(worker, feed, seconds);
  await feed.stop();
  await waitUntilIdle(worker);
  return perSecond;
};

/** Both processes read the same machine's monotonic clock, so the difference needs no correction. */
const takeLatencies = async (
  subject: Subject,
  worker: SubjectWorker,
  { rounds, secondsMax }: Omit<Tier['pickup'], 'hasLoad'>,
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
