import * as fc from 'fast-check';
import { openApp } from '../surface/open-app.ts';
import { type FuzzCase, fuzzCases } from './fuzz-cases.ts';
import { makeFuzzWorld, openSqlDoor, refreshLeases } from './fuzz-world.ts';
import { type Gauges, readGauges } from './gauges.ts';
import { type Outcome, type Stage, sendCase } from './send-case.ts';

export interface FuzzOptions {
  /** Of the owner of the schema, and of an API process. */
  databaseUrl: string;
  apiUrl: string;
  cases: number;
  seed: number;
  /** Only this case, as a failure names it. */
  replay?: { chunk: number; place: number } | undefined;
  onProgress?(cases: number): void;
}

export interface Failure {
  /** What to pass as `--replay`. */
  replay: string;
  name: string;
  fault: string;
  shown: string;
}

export interface FuzzReport {
  seed: number;
  cases: number;
  seconds: number;
  /** Calls by procedure or SQL function, and among them by outcome. */
  byName: Map<string, Map<string, number>>;
  failures: Failure[];
  unhandledRejections: number;
  eventLoopDelayMsP99: number;
  /** The heap once garbage is collected, every few chunks. */
  heapMbs: number[];
}

const chunkSize = 250;
const chunksPerWorld = 20;
const inFlight = 12;
const heapEveryChunks = 4;

/** Runs cases that follow from the seed alone, a chunk at a time, and judges every answer. A call counts as a case. */
export const runFuzz = async (options: FuzzOptions): Promise<FuzzReport> => {
  const report: FuzzReport = {
    seed: options.seed,
    cases: 0,
    seconds: 0,
    byName: new Map(),
    failures: [],
    unhandledRejections: 0,
    eventLoopDelayMsP99: 0,
    heapMbs: [],
  };
  const noteRejection = (): void => void report.unhandledRejections++;
  process.on('unhandledRejection', noteRejection);
  const gauges = readGauges();
  const startedMs = performance.now();
  const { app, close } = await openApp(options.apiUrl);
  try {
    if (options.replay) await replay(app, options, options.replay, report);
    else await runChunks(app, options, report, gauges);
  } finally {
    Object.assign(report, gauges.stop());
    await close();
    process.off('unhandledRejection', noteRejection);
  }
  report.seconds = (performance.now() - startedMs) / 1_000;
  return report;
};

const turnOf = (place: number): number => Math.floor(place / 6);

const casesOf = (seed: number, chunk: number) =>
  fc.sample(fuzzCases, { seed: seed + chunk, numRuns: chunkSize });

const runChunks = async (
  app: Stage['app'],
  options: FuzzOptions,
  report: FuzzReport,
  gauges: Gauges,
): Promise<void> => {
  for (let chunk = 0; report.cases < options.cases; ) {
    const end = chunk + chunksPerWorld;
    await onStage(app, options, async (stage) => {
      for (; chunk < end && report.cases < options.cases; chunk++) {
        await refreshLeases(stage.app, stage.world);
        const cases = gauges.leaveOut(() => casesOf(options.seed, chunk));
        await runChunk(stage, cases, chunk, report);
        if (chunk % heapEveryChunks === 0) gauges.weighHeap();
        options.onProgress?.(report.cases);
        if (!(await isWell(stage))) chunk = end - 1;
      }
    });
  }
};

const runChunk = async (
  stage: Stage,
  cases: FuzzCase[],
  chunk: number,
  report: FuzzReport,
): Promise<void> => {
  const waiting = cases.entries();
  const work = async (): Promise<void> => {
    for (const [place, fuzzCase] of waiting) {
      const name = `${chunk}:${place}`;
      try {
        count(report, name, await sendCase({ ...stage, turn: turnOf(place) }, fuzzCase));
      } catch (error) {
        const shown = `${JSON.stringify(fuzzCase)}\n=> ${(error as Error).stack}`;
        report.failures.push({ replay: name, name: fuzzCase.target, fault: 'no answer', shown });
        report.cases++;
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
};

const count = (report: FuzzReport, replayName: string, { names, verdicts, shown }: Outcome): void => {
  report.cases += verdicts.length;
  for (const [place, { outcome, fault }] of verdicts.entries()) {
    const name = names[place] ?? names[0]!;
    const outcomes = report.byName.get(name) ?? new Map<string, number>();
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    report.byName.set(name, outcomes);
    if (fault) report.failures.push({ replay: replayName, name, fault, shown: shown.slice(0, 4_000) });
  }
};

/** A case may revoke what the others need; then the rest goes on in another world. */
const isWell = async ({ app, world }: Stage): Promise<boolean> => {
  const answers = await Promise.all(
    Object.values(world.keys).map((key) =>
      app.inject({ url: '/trpc/whoami', headers: { authorization: `Bearer ${key}` } }),
    ),
  );
  return answers.every(({ statusCode }) => statusCode === 200);
};

const replay = async (
  app: Stage['app'],
  options: FuzzOptions,
  { chunk, place }: { chunk: number; place: number },
  report: FuzzReport,
): Promise<void> => {
  await onStage(app, options, async (stage) => {
    await refreshLeases(stage.app, stage.world);
    const fuzzCase = casesOf(options.seed, chunk)[place]!;
    const outcome = await sendCase({ ...stage, turn: turnOf(place) }, fuzzCase);
    console.log(outcome.shown);
    count(report, `${chunk}:${place}`, outcome);
  });
};

const onStage = async (
  app: Stage['app'],
  { databaseUrl }: FuzzOptions,
  work: (stage: Stage) => Promise<void>,
): Promise<void> => {
  const world = await makeFuzzWorld(app, databaseUrl);
  const door = await openSqlDoor(databaseUrl, world.slug, 3);
  try {
    await work({ app, world, sql: door.pool, turn: 0 });
  } finally {
    await door.close();
  }
};
