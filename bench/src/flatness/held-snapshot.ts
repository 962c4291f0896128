import { setTimeout as delay } from 'node:timers/promises';
import { withBars } from '../bars.ts';
import { type Measure, measureOf } from '../measure.ts';
import type { Bench } from '../measures/bench.ts';
import { urlOfOwnDatabase } from '../own-database.ts';
import type { Subject, SubjectWorker } from '../subject.ts';
import { holdSnapshot } from './hold-snapshot.ts';
import { mean, type Progress, ratesOfWindows } from './progress.ts';

/** Jobs a second in each window. */
interface Windows {
  before: number[];
  held: number[];
}

const batchSize = 1_000;
const callers = 2;
const concurrency = 1_000;
/** Jobs that wait at most: submits keep pace with completions. */
const backlogMax = 20_000;
const warmUpSeconds = 3;
const lastSeconds = 60;
const peers = ['graphile-worker batched', 'pg-boss'];

/** Jobs a second from submit to completion at full speed, before and while a forgotten connection holds a snapshot. */
export const measureHeldSnapshot = async (bench: Bench): Promise<Measure[]> => {
  const { held, heldOfPeers } = bench.tier.flatness.snapshot;
  const windows: Record<string, Windows> = {};
  for (const name of ['longshore', ...peers].filter((subject) => bench.subjectNames.includes(subject))) {
    bench.progress(`under a held snapshot, ${name}`);
    const found = await bench.withSubject(name, (subject) =>
      bench.attempt({ measure: 'under a held snapshot', subject: name }, () =>
        workThrough(bench, subject, name === 'longshore' ? held : heldOfPeers),
      ),
    );
    if (found) windows[name] = found;
  }
  return measuresOf(bench, windows);
};

const measuresOf = (bench: Bench, windows: Record<string, Windows>): Measure[] => {
  const { windowSeconds, held } = bench.tier.flatness.snapshot;
  const last = Math.max(1, Math.round(lastSeconds / windowSeconds));
  const all = (figure: (of: Windows, name: string) => number): Record<string, number> =>
    Object.fromEntries(Object.entries(windows).map(([name, of]) => [name, figure(of, name)]));
  // Our fifth minute. Peers are held for a shorter time: theirs is the last window they had.
  const ends = all(({ held: rates }, name) => mean(rates.slice(name === 'longshore' ? -last : -1)));
  const begins = all(({ before }) => mean(before));
  const ownBefore = 'longshore, before';
  const end = measureOf(`snapshot held for ${held * windowSeconds} s, at its end`, 'jobs/s', {
    ...ends,
    [ownBefore]: begins.longshore ?? Number.NaN,
  });
  const held5x = peers.map((against) => ({ against, atLeast: 5 }));
  return [
    measureOf('just before the snapshot', 'jobs/s', begins),
    {
      ...withBars(end, [{ against: ownBefore, atLeast: 0.85 }, ...held5x]),
      detail: { windowSeconds, windows },
    },
    measureOf(
      'at its end, of before',
      'x',
      all((_, name) => ends[name]! / begins[name]!),
    ),
  ];
};

const workThrough = async (bench: Bench, subject: Subject, held: number): Promise<Windows> => {
  const { windowSeconds, before } = bench.tier.flatness.snapshot;
  await subject.clear();
  const worker = await subject.startWorker({ concurrency });
  const stopping = new AbortController();
  const submits = keepSubmitting(subject, worker, stopping.signal);
  const watch = async (windows: number): Promise<number[]> => {
    const reports = [progressOf(worker)];
    while (reports.length <= windows) {
      await Promise.race([delay(windowSeconds * 1_000), submits]);
      reports.push(progressOf(worker));
    }
    return ratesOfWindows(reports);
  };
  try {
    await delay(warmUpSeconds * 1_000);
    const ratesBefore = await watch(before);
    const snapshot = await holdSnapshot(urlOfOwnDatabase(bench.databaseUrl, subject.name));
    return { before: ratesBefore, held: await watch(held).finally(() => snapshot.letGo()) };
  } finally {
    stopping.abort();
    await submits.finally(() => worker.end());
  }
};

const progressOf = (worker: SubjectWorker): Progress => ({
  atMs: performance.now(),
  completed: worker.completed(),
});

/** Submits as fast as the worker completes, until the signal. Rejects with what a submit rejects with. */
const keepSubmitting = async (
  subject: Subject,
  worker: SubjectWorker,
  signal: AbortSignal,
): Promise<void> => {
  let sent = 0;
  const call = async (): Promise<void> => {
    while (!signal.aborted) {
      if (sent - worker.completed() > backlogMax) {
        await delay(2);
      } else {
        sent += batchSize;
        await subject.submitMany(batchSize);
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
};
