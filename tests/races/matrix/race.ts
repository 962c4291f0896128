import { foresee } from './forecast.ts';
import { catchUp, judge } from './judge.ts';
import type { Pair, Scene } from './scene.ts';
import { setScenes } from './starts.ts';
import type { Theatre } from './theatre.ts';
import { type RaceVerb, raceVerbs } from './verbs.ts';

export interface Race {
  start: string;
  first: string;
  second: string;
  /** The second verb comes after the first has committed, or while its transaction is open. */
  timing: 'after' | 'during';
}

/** A race and where it is run. */
export interface Contest extends Scene {
  race: Race;
  verbs: Pair<RaceVerb>;
}

/** How it went. */
export interface Course extends Contest {
  answers: Pair<unknown>;
  /** The second verb was stopped by a lock of the first. */
  hasWaited: boolean;
}

export interface Verdict {
  race: Race;
  /** Undefined for a legal outcome. */
  fault: string | undefined;
}

/**
 * Runs every ordered pair of verbs and timing from one start, side by side, and judges the outcomes: as if the verbs had come one
 * after the other, in the other order where the second did not have to wait, or as if the second had passed over the job.
 * Pairs of which neither verb changes anything from this start are left out.
 */
export const runRaces = async (theatre: Theatre, start: string): Promise<Verdict[]> => {
  const [sample] = await setScenes(theatre, start, 1);
  const races = racesFrom(start).filter((race) => foresee(sample!, verbsOf(race)).isEventful);
  const scenes = await setScenes(theatre, start, races.length);
  const contests = races.map((race, place) => ({ ...scenes[place]!, race, verbs: verbsOf(race) }));
  const courses = await theatre.inEach(contests, (contest) => run(theatre, contest));
  const rows = await theatre.readScenes(courses);
  const outcomes = courses.map((course, place) => judge(course, rows[place]!));
  const lateFaults = await catchUp(theatre, outcomes);
  return outcomes.map(({ course, fault }) => ({ race: course.race, fault: fault ?? lateFaults.get(course) }));
};

/** Every ordered pair of verbs and timing. That the second comes first is the same pair the other way round. */
const racesFrom = (start: string): Race[] => {
  const names = Object.keys(raceVerbs);
  const timings = ['after', 'during'] as const;
  return names.flatMap((first) =>
    names.flatMap((second) => timings.map((timing) => ({ start, first, second, timing }))),
  );
};

const verbsOf = ({ first, second }: Race): Pair<RaceVerb> => [raceVerbs[first]!, raceVerbs[second]!];

/** As a failure tells of it. */
export const nameOf = ({ start, first, second, timing }: Race): string =>
  `${start}: ${first}, and ${timing} it ${second}`;

const run = async (theatre: Theatre, contest: Contest): Promise<Course> => {
  try {
    return await (contest.race.timing === 'after' ? runInTurn(contest) : runAtOnce(theatre, contest));
  } catch (error) {
    throw new Error(`${nameOf(contest.race)}: ${(error as Error).message}`, { cause: error });
  }
};

const runInTurn = async (contest: Contest): Promise<Course> => {
  const { cast, doors, verbs } = contest;
  const one = await verbs[0].call(doors[0], cast);
  return { ...contest, answers: [one, await verbs[1].call(doors[1], cast)], hasWaited: false };
};

const runAtOnce = async ({ isHeldUp }: Theatre, contest: Contest): Promise<Course> => {
  const { actors, cast, doors, verbs } = contest;
  await actors[0].begin();
  const one = await verbs[0].call(doors[0], cast);
  let isDone = false;
  const two = verbs[1].call(doors[1], cast).finally(() => {
    isDone = true;
  });
  // Its failure is awaited below.
  two.catch(() => {});
  let hasWaited = false;
  while (!isDone && !hasWaited) hasWaited = await isHeldUp(actors[1].pid, actors[0].pid);
  await actors[0].commit();
  return { ...contest, answers: [one, await two], hasWaited };
};
