import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { uuidV7 } from '@longshore/contract';
import { type Client, createClient } from '@longshore/sdk';
import { endProcess, type ReadyProcess, spawnApi, spawnReady } from '@longshore/test-kit/processes';
import { withBars } from './bars.ts';
import { endless } from './cancel/endless.ts';
import { type Stage, withStage } from './flatness/stage.ts';
import { type Measure, measureOfRuns, quantile } from './measure.ts';
import type { Bench } from './measures/bench.ts';
import { nowMs } from './worker-lines.ts';

const ways = [
  { name: 'cancel to abort', env: {} },
  { name: 'cancel to abort, with NOTIFY off', env: { LONGSHORE_LISTEN_DATABASE_URL: 'off' } },
];
const secondsMax = 60;

interface Latencies {
  p50: number;
  p99: number;
}

/**
 * Milliseconds from the call of cancel to the aborted signal of the handler: the worker process speaks to one API process, whoever
 * cancels to another.
 */
export const measureCancel = (bench: Bench): Promise<Measure[]> =>
  withStage(bench.databaseUrl, async (stage) => {
    const runs = new Map<string, Latencies[]>(ways.map(({ name }) => [name, []]));
    for (let round = 0; round < bench.tier.runs; round++) {
      for (const { name, env } of ways) {
        bench.progress(name);
        const figure = { measure: name, subject: 'longshore' };
        const run = await bench.attempt(figure, () => takeLatencies(bench, stage, env));
        if (run) runs.get(name)!.push(run);
      }
    }
    return [...runs].flatMap(([name, all]) => [
      measureOfRuns(`${name}, p50`, 'ms', { longshore: all.map(({ p50 }) => p50) }),
      withBars(measureOfRuns(`${name}, p99`, 'ms', { longshore: all.map(({ p99 }) => p99) }), [
        { atMost: 1_000 },
      ]),
    ]);
  });

const takeLatencies = async (
  { tier }: Bench,
  { apiDatabaseUrl, adminKey, workerKey }: Stage,
  env: Record<string, string>,
): Promise<Latencies> => {
  const processes: ReadyProcess[] = [];
  const started = async (process: Promise<ReadyProcess>): Promise<ReadyProcess> => {
    processes.unshift(await process);
    return processes[0]!;
  };
  try {
    const [near, far] = [
      await started(spawnApi(apiDatabaseUrl, env)),
      await started(spawnApi(apiDatabaseUrl, env)),
    ];
    const { lines } = await started(
      spawnReady(fileURLToPath(new URL('./cancel/worker-process.ts', import.meta.url)), /(ready)/, {
        LONGSHORE_URL: near.match,
        LONGSHORE_API_KEY: workerKey,
        CONCURRENCY: String(tier.cancel.callers * 2),
      }),
    );
    const told = new EventEmitter<Record<string, [instant: number]>>();
    told.setMaxListeners(0);
    lines.on('line', (line) => {
      const [word, id, instant] = line.split(' ');
      told.emit(`${word} ${id}`, Number(instant));
    });
    const client = createClient({ url: far.match, apiKey: adminKey });
    const perCaller = Math.ceil(tier.cancel.cancels / tier.cancel.callers);
    const callers = Array.from({ length: tier.cancel.callers }, () => cancelInTurn(client, told, perCaller));
    const latenciesMs = (await Promise.all(callers)).flat();
    return { p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) };
  } finally {
    for (const { child } of processes) await endProcess(child);
  }
};

/** One job after the other: submitted, begun, cancelled, stopped. */
const cancelInTurn = async (
  client: Client,
  told: EventEmitter<Record<string, [instant: number]>>,
  cancels: number,
): Promise<number[]> => {
  const latenciesMs: number[] = [];
  while (latenciesMs.length < cancels) {
    const id = uuidV7();
    const signal = AbortSignal.timeout(secondsMax * 1_000);
    const begun = once(told, `began ${id}`, { signal });
    await client.submit(endless, null, { id });
    await begun;
    const aborted = once(told, `aborted ${id}`, { signal });
    const calledAtMs = nowMs();
    await client.cancel(id);
    const [abortedAtMs] = (await aborted) as [number];
    latenciesMs.push(abortedAtMs - calledAtMs);
  }
  return latenciesMs;
};
