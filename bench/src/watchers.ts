import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ClaimedJob } from '@longshore/contract';
import { type ApiClient, createApiClient } from '@longshore/sdk';
import {
  endProcess,
  eventually,
  type ReadyProcess,
  spawnApi,
  spawnReady,
} from '@longshore/test-kit/processes';
import { withBars } from './bars.ts';
import { type Stage, withStage } from './flatness/stage.ts';
import { type Measure, measureOfRuns, quantile } from './measure.ts';
import type { Bench } from './measures/bench.ts';
import { parseProcessStat, readText, ticksPerSecond } from './processes.ts';
import { pidOf } from './subject.ts';
import { openStalled } from './watchers/stalled.ts';
import { nowMs } from './worker-lines.ts';

const ways = ['by a verb of the same process', 'by a verb of another process'] as const;
type Way = (typeof ways)[number];

interface Figures {
  p50: number;
  p99: number;
  idleMib: number;
  peakMib: number;
  cores: number;
  slowestCloseMs: number;
  closedPercent: number;
}

/**
 * Watchers on one API process, a few of whom read nothing: how long from the call that reports progress until a healthy one has
 * it, what the process holds, and how soon the others are let go of. With progress through that process, and through another.
 */
export const measureWatchers = (bench: Bench): Promise<Measure[]> =>
  withStage(bench.databaseUrl, async (stage) => {
    const runs = new Map<Way, Figures[]>(ways.map((way) => [way, []]));
    for (let round = 0; round < bench.tier.runs; round++) {
      for (const way of ways) {
        bench.progress(`watchers, told ${way}`);
        const figure = { measure: `watchers, told ${way}`, subject: 'longshore' };
        const run = await bench.attempt(figure, () => watchOnce(bench, stage, way));
        if (run) runs.get(way)!.push(run);
      }
    }
    return [...runs].flatMap(([way, all]) =>
      measuresOf(`${bench.tier.watchers.watchers} watchers, told ${way}`, all),
    );
  });

const measuresOf = (name: string, runs: Figures[]): Measure[] => {
  const of = (what: string, unit: string, figure: keyof Figures): Measure =>
    measureOfRuns(`${name}: ${what}`, unit, { longshore: runs.map((run) => run[figure]) });
  return [
    of('event to reader, p50', 'ms', 'p50'),
    withBars(of('event to reader, p99', 'ms', 'p99'), [{ atMost: 500 }]),
    of('memory of the API process without them', 'MiB', 'idleMib'),
    of('memory of the API process with them, at its peak', 'MiB', 'peakMib'),
    of('CPU of the API process meanwhile', 'cores', 'cores'),
    withBars(of('slowest close of one that reads nothing', 'ms', 'slowestCloseMs'), [{ atMost: 5_000 }]),
    withBars(of('of those that read nothing, closed', '%', 'closedPercent'), [{ atLeast: 100 }]),
  ];
};

const watchOnce = async ({ tier }: Bench, stage: Stage, way: Way): Promise<Figures> => {
  const { watchers, stalled: stalledCount, seconds, eventsPerSecond } = tier.watchers;
  const api = await spawnApi(stage.apiDatabaseUrl);
  const memory = watchMemory(pidOf(api.child));
  let readers: ReadyProcess | undefined;
  try {
    const { worker, jobs } = await claimJobs(stage, watchers - stalledCount + 1);
    const [flood, ...watched] = jobs;
    const idleMib = memory.now();
    readers = await startReaders(api.match, stage.adminKey, watched);
    const latenciesMs = collectLatencies(readers);
    await writeMuch(worker, flood!);
    const stalled = await openStalled(api.match, stage.adminKey, flood!.id, stalledCount);
    const cpuBefore = cpuSecondsOf(pidOf(api.child));
    const url = way === ways[0] ? api.match : stage.apiUrl;
    await report(createApiClient({ url, apiKey: stage.workerKey }).worker, watched, seconds, eventsPerSecond);
    const cores = (cpuSecondsOf(pidOf(api.child)) - cpuBefore) / seconds;
    await eventually(() => stalled.closedAfterMs().length === stalledCount, { timeoutMs: 20_000 }).catch(
      () => {},
    );
    const closedAfterMs = stalled.closedAfterMs();
    stalled.end();
    await finish(worker, jobs);
    return {
      p50: quantile(latenciesMs, 0.5),
      p99: quantile(latenciesMs, 0.99),
      idleMib,
      peakMib: memory.peak(),
      cores,
      slowestCloseMs: Math.max(...closedAfterMs),
      closedPercent: (closedAfterMs.length / stalledCount) * 100,
    };
  } finally {
    memory.stop();
    if (readers) await endProcess(readers.child);
    await endProcess(api.child);
  }
};

const callJobsMax = 1_000;
type Worker = ApiClient['worker'];

const claimJobs = async (stage: Stage, count: number): Promise<{ worker: Worker; jobs: ClaimedJob[] }> => {
  const { worker } = createApiClient({ url: stage.apiUrl, apiKey: stage.workerKey });
  const { jobs: admin } = createApiClient({ url: stage.apiUrl, apiKey: stage.adminKey });
  const kind = `watched ${nowMs()}`;
  for (let made = 0; made < count; made += callJobsMax) {
    const some = Array.from({ length: Math.min(callJobsMax, count - made) }, () => ({ kind, payload: null }));
    await admin.submitMany({ jobs: some, areIdsNew: false });
  }
  const { sessionId } = await worker.openSession({ kinds: [kind], concurrency: count, leaseSeconds: 600 });
  const jobs: ClaimedJob[] = [];
  while (jobs.length < count) {
    const limit = Math.min(callJobsMax, count - jobs.length);
    jobs.push(...(await worker.claim({ sessionId, limit, waitSeconds: 10 })).jobs);
  }
  return { worker, jobs };
};

const startReaders = (url: string, apiKey: string, jobs: ClaimedJob[]): Promise<ReadyProcess> =>
  spawnReady(fileURLToPath(new URL('./watchers/watcher-process.ts', import.meta.url)), /(ready)/, {
    LONGSHORE_URL: url,
    LONGSHORE_API_KEY: apiKey,
    JOB_IDS: JSON.stringify(jobs.map(({ id }) => id)),
  });

const collectLatencies = ({ lines }: ReadyProcess): number[] => {
  const latenciesMs: number[] = [];
  lines.on('line', (line) => {
    const [word, ...latencies] = line.split(' ');
    if (word === 'events') latenciesMs.push(...latencies.map(Number));
  });
  return latenciesMs;
};

/** More output than the buffers of a connection hold: 8 MiB. */
const writeMuch = async (worker: Worker, job: ClaimedJob): Promise<void> => {
  const output = Array.from({ length: 64 }, () => ({ stream: 'data' as const, text: 'x'.repeat(16_384) }));
  for (let batch = 0; batch < 8; batch++) await worker.report({ items: [{ ...heldBy(job), output }] });
};

const tickMs = 100;

/** Progress of one job after the other, at a steady pace; the value is the instant of the call. */
const report = async (
  worker: Worker,
  jobs: ClaimedJob[],
  seconds: number,
  perSecond: number,
): Promise<void> => {
  const perTick = (perSecond * tickMs) / 1_000;
  const startedAtMs = nowMs();
  const calls: Promise<unknown>[] = [];
  let next = 0;
  for (let tick = 0; tick < (seconds * 1_000) / tickMs; tick++) {
    const items = Array.from({ length: perTick }, () => jobs[next++ % jobs.length]!).map((job) => ({
      ...heldBy(job),
      progress: nowMs(),
    }));
    calls.push(worker.report({ items }));
    await delay(Math.max(0, startedAtMs + (tick + 1) * tickMs - nowMs()));
  }
  await Promise.all(calls);
};

const finish = async (worker: Worker, jobs: ClaimedJob[]): Promise<void> => {
  for (let from = 0; from < jobs.length; from += callJobsMax) {
    const items = jobs.slice(from, from + callJobsMax).map((job) => ({ ...heldBy(job), result: null }));
    await worker.complete({ items });
  }
};

const heldBy = ({ id, leaseToken }: ClaimedJob): { id: string; leaseToken: string } => ({ id, leaseToken });

/** Resident memory of a process in MiB, and the most it has been. */
const watchMemory = (pid: number) => {
  const now = (): number =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1] ?? Number.NaN) / 1_024;
  let most = now();
  const timer = setInterval(() => {
    most = Math.max(most, now());
  }, 200);
  return { now, peak: () => most, stop: () => clearInterval(timer) };
};

const cpuSecondsOf = (pid: number): number => {
  const stat = readText(`/proc/${pid}/stat`);
  return stat === null ? Number.NaN : parseProcessStat(stat).ticks / ticksPerSecond;
};
