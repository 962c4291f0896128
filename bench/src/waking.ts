import { connect } from '@longshore/db';
import { type Bar, withBars } from './bars.ts';
import { payload, type Stage, slug, withStage } from './flatness/stage.ts';
import { noop, noopPayload } from './jobs.ts';
import { type Measure, measureOfRuns } from './measure.ts';
import type { Bench } from './measures/bench.ts';
import { readSql } from './sql-file.ts';
import { type CallFigures, callFor } from './waking/callers.ts';
import { startListeners } from './waking/listeners.ts';
import { watchLocks } from './waking/lock-watch.ts';
import { nowMs } from './worker-lines.ts';

/** One way to submit, with so many listeners. */
interface WayFigures extends CallFigures {
  noticesPerSecond: number;
  longestLockWaitMs: number;
}

interface Way {
  name: string;
  callers: number;
  call: (stage: Stage, pool: Stage['database']['pool']) => Promise<unknown>;
  /** Whether the bounds on notifications and waits are ours to keep on this way. */
  isBounded: boolean;
}

const submitInSql = readSql('./waking/sql/submit.sql', import.meta.url);
const connections = 16;

const ways: Way[] = [
  {
    name: 'submit one by one over HTTP, 32 callers',
    callers: 32,
    call: ({ client }) => client.submit(noop, noopPayload),
    isBounded: true,
  },
  {
    name: `longshore.submit in SQL, ${connections} connections`,
    callers: connections,
    call: (_, pool) => pool.query(submitInSql, [slug, payload]),
    isBounded: false,
  },
];

/** What listening processes cost whoever commits, and how often they are woken. */
export const measureWaking = (bench: Bench): Promise<Measure[]> =>
  withStage(bench.databaseUrl, async (stage) => {
    const measures: Measure[] = [];
    for (const way of ways) {
      bench.progress(`${way.name}, with listeners`);
      measures.push(...measuresOf(way, await takeRounds(bench, stage, way)));
    }
    return measures;
  });

/** Every number of listeners in turn, so that none has the machine at a better time than the others. */
const takeRounds = async (bench: Bench, stage: Stage, way: Way): Promise<Map<number, WayFigures[]>> => {
  const { listeners, rounds } = bench.tier.waking;
  const runs = new Map<number, WayFigures[]>(listeners.map((count) => [count, []]));
  await callWithListeners(bench, stage, way, 0);
  for (let round = 0; round < rounds; round++) {
    for (const count of listeners) {
      const figure = { measure: `${way.name}, ${write(count)}`, subject: 'longshore' };
      const run = await bench.attempt(figure, () => callWithListeners(bench, stage, way, count));
      if (run) runs.get(count)!.push(run);
    }
  }
  return runs;
};

const callWithListeners = async (
  { tier }: Bench,
  stage: Stage,
  { callers, call }: Way,
  count: number,
): Promise<WayFigures> => {
  const { url } = stage.database;
  const database = connect({ url, poolSize: callers });
  const listeners = await startListeners(url, count);
  const locks = watchLocks(url);
  try {
    const startedAtMs = nowMs();
    const figures = await callFor(tier.waking.seconds, callers, () => call(stage, database.pool));
    const noticesPerSecond = listeners.rateSince(startedAtMs);
    const { longestMs } = await locks.stop();
    return { ...figures, noticesPerSecond, longestLockWaitMs: longestMs };
  } finally {
    await locks.stop();
    await listeners.end();
    await database.close();
  }
};

/** The cases with listeners beside the one without, which stands first. */
const measuresOf = (way: Way, runs: Map<number, WayFigures[]>): Measure[] => {
  const [none, ...some] = runs.keys();
  return some.flatMap((count) => {
    const name = (what: string): string => `${what}: ${way.name}, ${write(count)}`;
    const beside = (figure: keyof WayFigures): Record<string, number[]> => ({
      longshore: runs.get(count)!.map((run) => run[figure]),
      [write(none!)]: runs.get(none!)!.map((run) => run[figure]),
    });
    const alone = (figure: keyof WayFigures): Record<string, number[]> => ({
      longshore: runs.get(count)!.map((run) => run[figure]),
    });
    const bounded = (measure: Measure, bar: Bar): Measure =>
      way.isBounded ? withBars(measure, [bar]) : measure;
    return [
      bounded(measureOfRuns(name('submits'), 'jobs/s', beside('perSecond')), {
        against: write(none!),
        atLeast: 0.9,
      }),
      measureOfRuns(name('latency p50'), 'ms', beside('p50Ms')),
      bounded(measureOfRuns(name('latency p99'), 'ms', beside('p99Ms')), {
        against: write(none!),
        atMost: 1.5,
      }),
      bounded(measureOfRuns(name('notifications'), 'per s', alone('noticesPerSecond')), { atMost: 20 }),
      bounded(measureOfRuns(name('longest wait for the lock of NOTIFY'), 'ms', alone('longestLockWaitMs')), {
        atMost: 10,
      }),
    ];
  });
};

const write = (listeners: number): string => `${listeners} listeners`;
