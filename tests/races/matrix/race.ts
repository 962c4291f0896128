import { isDeepStrictEqual } from 'node:util';
import { openScene, type Scene, type SceneOptions, setScene, starts } from './scene.ts';
import { type RaceVerb, raceVerbs } from './verbs.ts';

export type Timing = 'after' | 'during';

export interface Race {
  start: string;
  first: string;
  second: string;
  /** The second verb comes after the first has committed, or while its transaction is open. */
  timing: Timing;
}

/** What a model foretells of a race. */
interface Forecast {
  answers: [unknown, unknown];
  isEventful: boolean;
}

export interface RaceOptions extends SceneOptions {
  /** Resolves once the second actor's statement waits for a lock. */
  untilBlocked(pid: number): Promise<void>;
}

export interface Verdict {
  /** False when neither verb changes anything from this start: then nothing was run. */
  isRun: boolean;
  /** Undefined for a legal outcome. */
  fault?: string;
}

/** Every start, ordered pair of verbs and timing. That the second comes first is the same pair the other way round. */
export const racesOf = (first: string): Race[] =>
  Object.keys(starts).flatMap((start) =>
    Object.keys(raceVerbs).flatMap((second) =>
      (['after', 'during'] as const).map((timing) => ({ start, first, second, timing })),
    ),
  );

/**
 * Runs one race and judges its outcome: as if the verbs had come one after the other, in the other order where the second did not
 * have to wait, or as if the second had passed over the job.
 */
export const runRace = async (options: RaceOptions, race: Race): Promise<Verdict> => {
  const scene = await openScene(options);
  await setScene(scene, race.start);
  const before = structuredClone(scene.world);
  const verbs: Pair = [raceVerbs[race.first]!, raceVerbs[race.second]!];
  const forecast = foresee(scene, ...verbs);
  if (!forecast.isEventful) return { isRun: false };
  const { answers, hasWaited } = await (race.timing === 'after'
    ? runInTurn(scene, ...verbs)
    : runAtOnce(options, scene, ...verbs));
  const inTurn = await faultOf(scene, forecast.answers, answers);
  if (inTurn === undefined) return { isRun: true };
  if (race.timing === 'after' || hasWaited) return { isRun: true, fault: inTurn };
  const otherWay = await judgeOtherWay(scene, structuredClone(before), verbs, answers);
  if (otherWay === undefined) return { isRun: true };
  if (!verbs[1].catchUp) return { isRun: true, fault: `${inTurn}, the other way round ${otherWay}` };
  return judgeSkip(scene, before, verbs, answers, inTurn);
};

type Pair = [first: RaceVerb, second: RaceVerb];

/** Moves the scene's world on by both verbs. */
const foresee = ({ world, cast }: Scene, first: RaceVerb, second: RaceVerb): Forecast => {
  const lines = () =>
    JSON.stringify(
      [...world.jobs.values()].map((job) => [job.state, job.attempt, job.rescues, job.cancelRequestedAt]),
    );
  const before = lines();
  const one = first.expect(world, cast);
  const between = lines();
  const two = second.expect(world, cast);
  return { answers: [one, two], isEventful: before !== between || between !== lines() };
};

interface Course {
  answers: unknown[];
  /** The second verb was stopped by a lock of the first. */
  hasWaited: boolean;
}

const runInTurn = async ({ doors, cast }: Scene, first: RaceVerb, second: RaceVerb): Promise<Course> => {
  const one = await first.call(doors[0], cast);
  return { answers: [one, await second.call(doors[1], cast)], hasWaited: false };
};

const runAtOnce = async (
  { untilBlocked }: RaceOptions,
  { actors, doors, cast }: Scene,
  first: RaceVerb,
  second: RaceVerb,
): Promise<Course> => {
  await actors[0].begin();
  const one = await first.call(doors[0], cast);
  const two = second.call(doors[1], cast);
  // Its failure is awaited below.
  const isDone = two.then(
    () => true,
    () => true,
  );
  const hasWaited = await Promise.race([
    isDone.then(() => false),
    untilBlocked(actors[1].pid).then(() => true),
  ]);
  await actors[0].commit();
  return { answers: [one, await two], hasWaited };
};

/** Undefined when the outcome is that of the second verb before the first. Leaves the scene's world as it was. */
const judgeOtherWay = async (
  scene: Scene,
  world: Scene['world'],
  [first, second]: Pair,
  answers: unknown[],
): Promise<string | undefined> => {
  const inTurn = scene.world;
  const two = second.expect(world, scene.cast);
  const one = first.expect(world, scene.cast);
  scene.world = world;
  const fault = await faultOf(scene, [one, two], answers);
  if (fault !== undefined) scene.world = inTurn;
  return fault;
};

const faultOf = async (
  scene: Scene,
  expected: unknown[],
  answers: unknown[],
): Promise<string | undefined> => {
  const differences = await scene.differences();
  if (isDeepStrictEqual(expected, answers) && differences.length === 0) return undefined;
  return JSON.stringify({ expected, answers, differences });
};

/** Legal too: the second saw a job that was locked and left it alone. Then what does its work later leads to the same end. */
const judgeSkip = async (
  scene: Scene,
  before: Scene['world'],
  [first, second]: Pair,
  [one]: unknown[],
  inTurn: string,
): Promise<Verdict> => {
  const end = structuredClone(scene.world);
  const alone = structuredClone(before);
  const expected = first.expect(alone, scene.cast);
  scene.world = alone;
  const skipped = await faultOf(scene, [expected], [one]);
  if (skipped !== undefined) return { isRun: true, fault: `not in turn: ${inTurn}; not skipped: ${skipped}` };
  scene.world = end;
  // What is left over is due again a moment later, not at the very instant.
  await scene.advance(1);
  await second.catchUp!(scene.doors[1], scene.cast);
  const late = await faultOf(scene, [], []);
  return late === undefined
    ? { isRun: true }
    : { isRun: true, fault: `skipped, and not made up for: ${late}` };
};
