import { isDeepStrictEqual } from 'node:util';
import { compareWorld, type JobRow } from '../../model/read-world.ts';
import type { World } from '../../model/world.ts';
import { type Forecast, foresee } from './forecast.ts';
import type { Course } from './race.ts';
import type { Theatre } from './theatre.ts';

export interface Outcome {
  course: Course;
  /** Undefined for a legal outcome. */
  fault?: string;
  /** How it has to end once the second verb, which passed over the job, has been made up for. */
  dueEnd?: World;
}

/** Judges the answers of a race and what it has left in the database. */
export const judge = (course: Course, rows: readonly JobRow[]): Outcome => {
  const { race, verbs, answers, hasWaited } = course;
  const [first, second] = verbs;
  const inTurn = foresee(course, verbs);
  const fault = faultOf(inTurn, answers, rows);
  if (fault === undefined) return { course };
  if (race.timing === 'after' || hasWaited) return { course, fault };
  const otherWay = faultOf(foresee(course, [second, first]), answers.toReversed(), rows);
  if (otherWay === undefined) return { course };
  if (!second.catchUp) return { course, fault: `${fault}, the other way round ${otherWay}` };
  // Legal too: the second saw a job that was locked and left it alone. Then what does its work later leads to the same end.
  const skipped = faultOf(foresee(course, [first]), answers.slice(0, 1), rows);
  if (skipped === undefined) return { course, dueEnd: inTurn.world };
  return { course, fault: `not in turn: ${fault}; not skipped: ${skipped}` };
};

/** Makes up for what was passed over, and answers the faults that are there then. */
export const catchUp = async (
  theatre: Theatre,
  outcomes: readonly Outcome[],
): Promise<Map<Course, string>> => {
  const skipped = outcomes.flatMap(({ course, dueEnd }) => (dueEnd ? [{ ...course, course, dueEnd }] : []));
  // What is left over is due again a moment later, not at the very instant.
  await theatre.advance(
    skipped.map(({ dueEnd }) => dueEnd),
    1,
  );
  await theatre.inEach(skipped, ({ verbs, doors, cast }) => verbs[1].catchUp!(doors[1], cast));
  const rows = await theatre.readScenes(skipped);
  const faults = skipped.map(({ course, dueEnd }, place): [Course, string | undefined] => [
    course,
    faultOf({ answers: [], world: dueEnd }, [], rows[place]!),
  ]);
  return new Map(
    faults.flatMap(([course, fault]) =>
      fault === undefined ? [] : [[course, `skipped, and not made up for: ${fault}`]],
    ),
  );
};

const faultOf = (
  { answers: expected, world }: Pick<Forecast, 'answers' | 'world'>,
  answers: readonly unknown[],
  rows: readonly JobRow[],
): string | undefined => {
  const differences = compareWorld(world, rows);
  if (isDeepStrictEqual(expected, answers) && differences.length === 0) return undefined;
  return JSON.stringify({ expected, answers, differences });
};
