import type { World } from '../../model/world.ts';
import type { Scene } from './scene.ts';
import type { RaceVerb } from './verbs.ts';

/** What the model foretells of verbs that come one after the other. */
export interface Forecast {
  /** In the order of the verbs. */
  answers: unknown[];
  world: World;
  /** Whether any of them changes anything. */
  isEventful: boolean;
}

/** Leaves the scene as it is. */
export const foresee = (
  scene: Pick<Scene, 'world' | 'cast'>,
  verbs: readonly Pick<RaceVerb, 'expect'>[],
): Forecast => {
  const world = structuredClone(scene.world);
  const views = new Set([viewOf(world)]);
  const answers = verbs.map((verb) => {
    const answer = verb.expect(world, scene.cast);
    views.add(viewOf(world));
    return answer;
  });
  return { answers, world, isEventful: views.size > 1 };
};

const viewOf = ({ jobs }: World): string =>
  JSON.stringify(
    [...jobs.values()].map((job) => [job.state, job.attempt, job.rescues, job.cancelRequestedAt]),
  );
