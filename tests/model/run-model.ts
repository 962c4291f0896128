import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { type Move, moves, type Played, play, plays } from './moves.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';

export interface ModelOptions extends StageOptions {
  /** At least so many commands are played. */
  commands: number;
  seed: number;
  /** Only the run of these, as a failure names them. */
  replay?: { path: string; commands: string } | undefined;
  onProgress?(commands: number): void;
}

export interface ModelReport {
  commands: number;
  runs: number;
  /** Times played, by name. */
  byName: Map<string, number>;
  /** Times seen, by `verb: from -> to` for jobs that a move changed. */
  transitions: Map<string, number>;
  /** What was refused, by `verb: answer`. */
  refusals: Map<string, number>;
  /** How to see the failure again and what differed; undefined when none did. */
  failure: string | undefined;
}

const commandsMax = 60;
const runsAtOnce = 25;

/**
 * Plays random commands on model and database side by side and compares every answer and every job after each. A difference
 * is shrunk to the shortest list of commands that shows one.
 */
export const runModel = async (options: ModelOptions): Promise<ModelReport> => {
  const report: ModelReport = {
    commands: 0,
    runs: 0,
    byName: new Map(),
    transitions: new Map(),
    refusals: new Map(),
    failure: undefined,
  };
  for (let seed = options.seed; report.commands < options.commands && !report.failure; seed++) {
    report.failure = await checkSeed(options, seed, report);
    options.onProgress?.(report.commands);
    if (options.replay) break;
  }
  return report;
};

const checkSeed = async (
  options: ModelOptions,
  seed: number,
  report: ModelReport,
): Promise<string | undefined> => {
  const commands = fc.commands([moves.map((move) => new Command(move, report))], {
    maxCommands: commandsMax,
    size: '+1',
    ...(options.replay && { replayPath: options.replay.commands }),
  });
  const property = fc.asyncProperty(commands, async (list) => {
    report.runs += 1;
    const stage = await openStage(options);
    await fc.asyncModelRun(() => ({ model: {}, real: stage }), list);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: runsAtOnce,
    ...(options.replay && { path: options.replay.path, endOnFailure: true }),
  });
  if (!details.failed) return undefined;
  const shown = fc.defaultReportMessage(details) ?? '';
  const [, replayed] = /replayPath="([^"]+)"/.exec(shown) ?? [];
  const flags = `--seed ${seed} --path ${details.counterexamplePath} --replay ${replayed}`;
  return `see it again: npm run test:model -- ${flags}\n${shown}`;
};

class Command implements fc.AsyncCommand<object, Stage> {
  readonly #move: Move;
  readonly #report: ModelReport;

  constructor(move: Move, report: ModelReport) {
    this.#move = move;
    this.#report = report;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, stage: Stage): Promise<void> {
    const { name, tenant } = this.#move;
    this.#report.commands += 1;
    count(this.#report.byName, name);
    const before = statesOf(stage, tenant);
    const played = await play(stage, this.#move);
    noteOutcome(this.#report, name, before, statesOf(stage, tenant), played);
    if (!isDeepStrictEqual(played.expected, played.answered)) {
      throw new Error(`${name} of org ${tenant} answered otherwise: ${JSON.stringify(played)}`);
    }
    for (const [place, found] of (await stage.differences()).entries()) {
      if (found.length > 0)
        throw new Error(`${name} of org ${tenant} left org ${place} so: ${JSON.stringify(found)}`);
    }
  }

  toString(): string {
    const { name, tenant, client, numbers } = this.#move;
    return `${name}(org ${tenant}, client ${client}, ${numbers.join(' ')})`;
  }
}

const statesOf = (stage: Stage, tenant: 0 | 1): Map<string, string> =>
  new Map([...stage.tenants[tenant].world.jobs.values()].map(({ id, state }) => [id, state]));

const noteOutcome = (
  { transitions, refusals }: ModelReport,
  name: string,
  before: Map<string, string>,
  after: Map<string, string>,
  { answered }: Played,
): void => {
  for (const [id, state] of after) {
    const from = before.get(id);
    if (from !== state) count(transitions, `${name}: ${from ?? 'none'} -> ${state}`);
  }
  if (!Array.isArray(answered)) return;
  for (const answer of answered)
    if (/^(lost|refused) /.test(String(answer))) count(refusals, `${name}: ${answer}`);
};

const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

/** Names of moves that were never played, so that a run that is too small shows. */
export const neverPlayed = ({ byName }: ModelReport): string[] =>
  Object.keys(plays).filter((name) => !byName.has(name));
