import { call } from '../processes/call.ts';
import type { Scene } from './scene.ts';
import { holdSnapshots } from './snapshots.ts';
import { runSteadily, type SteadyFigures } from './steady.ts';

/** One figure of a phase. */
export interface Figure {
  name: string;
  value: string;
  /** Left out where there is no bar. */
  bar?: { isMet: boolean; inShort: string };
}

export interface PressureSizes {
  perSecond: number;
  baselineSeconds: number;
  heldSeconds: number;
  afterSeconds: number;
  burstJobs: number;
  overloadSeconds: number;
}

/** Steady load before, under and after held snapshots. */
export const pressSnapshot = async (scene: Scene, sizes: PressureSizes): Promise<Figure[]> => {
  const steadily = (seconds: number): Promise<SteadyFigures> =>
    runSteadily(scene, { perSecond: sizes.perSecond, seconds });
  const sizeBefore = await hotTableMib(scene);
  const before = await steadily(sizes.baselineSeconds);
  const held = await holdSnapshots(scene.cluster.databaseUrl);
  const during = await steadily(sizes.heldSeconds).finally(held.letGo);
  const sizeAfter = await hotTableMib(scene);
  const after = await steadily(sizes.afterSeconds);
  const kept = during.completedPerSecond / before.completedPerSecond;
  return [
    { name: 'claim before, p50 / p99', value: `${ms(before.claimMsP50)} / ${ms(before.claimMsP99)}` },
    {
      name: `claim under snapshots held for ${sizes.heldSeconds} s, p50 / p99 (bar 25 ms)`,
      value: `${ms(during.claimMsP50)} / ${ms(during.claimMsP99)}`,
      bar: { isMet: during.claimMsP99 <= 25, inShort: `claim p99 ${ms(during.claimMsP99)}` },
    },
    { name: 'claim after, p50 / p99', value: `${ms(after.claimMsP50)} / ${ms(after.claimMsP99)}` },
    {
      name: 'throughput kept (bar 85 %)',
      value: percent(kept),
      bar: { isMet: kept >= 0.85, inShort: `throughput ${percent(kept)}` },
    },
    { name: 'jobs and its indexes, before / at the end', value: `${sizeBefore} / ${sizeAfter} MiB` },
  ];
};

/** A pile of jobs at once. Throws when it is not worked off. */
export const pressBurst = async (scene: Scene, { burstJobs }: PressureSizes): Promise<Figure[]> => {
  const before = scene.completed();
  const startedAtMs = performance.now();
  await scene.submit(burstJobs);
  await scene.untilCompleted(before + burstJobs);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  return [{ name: `burst of ${burstJobs}`, value: `worked off in ${seconds.toFixed(1)} s` }];
};

/** Half as much again as the worker bears; then, without new jobs, it has to catch up, or this throws. */
export const pressOverload = async (scene: Scene, sizes: PressureSizes): Promise<Figure[]> => {
  const completedBefore = scene.completed();
  const trialAtMs = performance.now();
  await scene.submit(sizes.burstJobs);
  await scene.untilCompleted(completedBefore + sizes.burstJobs);
  const bearable = (sizes.burstJobs * 1_000) / (performance.now() - trialAtMs);
  const before = scene.completed();
  const wanted = Math.floor(1.5 * bearable * sizes.overloadSeconds);
  const startedAtMs = performance.now();
  await Promise.all([scene.submit(wanted / 2), scene.submit(wanted / 2)]);
  const submitSeconds = (performance.now() - startedAtMs) / 1_000;
  const backlog = wanted - (scene.completed() - before);
  await scene.untilCompleted(before + 2 * Math.floor(wanted / 2));
  const catchUpSeconds = (performance.now() - startedAtMs) / 1_000 - submitSeconds;
  return [
    {
      name: `overload, ${wanted} jobs at 1.5 times ${bearable.toFixed(0)} a second`,
      value: `${backlog} behind after ${submitSeconds.toFixed(1)} s, caught up in ${catchUpSeconds.toFixed(1)} s`,
    },
  ];
};

const callers = 200;
/** Of a lock that a statement waits a second for: three tries, for two groups of callers. */
const toldSecondsMax = 10;

/** Far more calls at once than the pool has connections, some of which are stuck: all are answered soon, and it goes on. */
export const pressPool = async (scene: Scene): Promise<Figure[]> => {
  const { url, submitKey, cluster } = scene;
  const lock = await cluster.db.pool.connect();
  await lock.query('begin');
  await lock.query('lock table longshore.jobs in exclusive mode');
  const startedAtMs = performance.now();
  const answers = await Promise.all(
    Array.from({ length: callers }, (_, place) =>
      call(url, submitKey, 'jobs.submit', { kind: 'parked', payload: place }),
    ),
  );
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await lock.query('rollback');
  lock.release();
  const after = await call(url, submitKey, 'jobs.submit', { kind: 'parked', payload: 0 });
  const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
  const odd = callers - count(200) - count(503);
  return [
    {
      name: `${callers} submits at once on 2 connections, with a table locked (bar ${toldSecondsMax} s)`,
      value: `${count(200)} stored, ${count(503)} told to come again, ${odd} else, within ${seconds.toFixed(1)} s; then ${after.status}`,
      bar: {
        isMet: odd === 0 && after.status === 200 && seconds <= toldSecondsMax,
        inShort: `locked table told within ${seconds.toFixed(1)} s`,
      },
    },
  ];
};

const hotTableMib = async ({ cluster: { db } }: Scene): Promise<number> => {
  const { rows } = await db.pool.query<{ mib: number }>(
    "select (pg_total_relation_size('longshore.jobs') / 1048576)::int as mib",
  );
  return rows[0]!.mib;
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const ms = (value: number): string => `${value.toFixed(1)} ms`;
