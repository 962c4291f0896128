import { compareWorld } from '../../model/read-world.ts';
import * as model from '../../model/verbs.ts';
import type { Scene } from './scene.ts';
import type { Theatre } from './theatre.ts';

/** Goes one step on in all scenes, in the model and in the database. */
type Step = (theatre: Theatre, scenes: readonly Scene[]) => Promise<void>;

const each =
  (act: (scene: Scene) => Promise<unknown>): Step =>
  async (theatre, scenes) =>
    void (await theatre.inEach(scenes, act));

const submit = (request: Omit<model.SubmitRequest, 'id'> = {}, of: 'job' | 'parent' = 'job'): Step =>
  each(({ cast, world, doors }) => {
    const full = { ...request, id: cast[of] };
    model.submit(world, [full]);
    return doors[0].submit([full]);
  });

const depend: Step = each(({ cast, world, doors }) => {
  const child = { id: cast.job, dependsOn: [cast.parent] };
  model.submit(world, [child]);
  return doors[0].submit([child]);
});

const claim =
  (of: 'holder' | 'other'): Step =>
  async (theatre, scenes) => {
    await requireAgreement(theatre, scenes);
    await theatre.inEach(scenes, ({ cast, world, doors }) => {
      model.claim(world, [cast[of]], 1);
      return doors[0].claim([cast[of]], 1);
    });
  };

const complete = (of: 'lease' | 'parentLease'): Step =>
  each(({ cast, world, doors }) => {
    model.complete(world, [cast[of]]);
    return doors[0].complete([cast[of]]);
  });

const failForGood: Step = each(({ cast, world, doors }) => {
  const how = { isRetryable: false, delaySeconds: 0 };
  model.fail(world, [cast.lease], how);
  return doors[0].fail([cast.lease], how);
});

const cancel: Step = each(({ cast, world, doors }) => {
  model.cancel(world, [cast.job]);
  return doors[0].cancel([cast.job]);
});

const wait =
  (seconds: number): Step =>
  (theatre, scenes) =>
    theatre.advance(
      scenes.map(({ world }) => world),
      seconds,
    );

/** The states of a job from which races start. */
export const starts: Record<string, Step[]> = {
  waiting: [submit()],
  'due but still scheduled': [submit({ delaySeconds: 60 }), wait(90)],
  running: [submit({ timeoutSeconds: 600 }), claim('holder')],
  'running, silent and overdue': [submit({ timeoutSeconds: 30 }), claim('holder'), wait(3_600)],
  'running for the last time': [submit({ timeoutSeconds: 30, maxAttempts: 1 }), claim('holder'), wait(3_600)],
  'running, asked to stop': [submit(), claim('holder'), cancel, wait(3_600)],
  failed: [submit({ maxAttempts: 1 }), claim('holder'), failForGood],
  completed: [submit(), claim('holder'), complete('lease')],
  'blocked by a running parent': [submit({}, 'parent'), claim('other'), depend],
  'free to go, its parent done': [submit({}, 'parent'), claim('other'), depend, complete('parentLease')],
};

/** New scenes, brought into a start. Throws Error when model and database differ there already. */
export const setScenes = async (theatre: Theatre, start: string, count: number): Promise<Scene[]> => {
  const scenes = await theatre.openScenes(count);
  for (const step of starts[start]!) await step(theatre, scenes);
  await requireAgreement(theatre, scenes);
  return scenes;
};

/** The model also learns here which places in line the jobs have. */
const requireAgreement = async (theatre: Theatre, scenes: readonly Scene[]): Promise<void> => {
  for (const [place, rows] of (await theatre.readScenes(scenes)).entries()) {
    const differences = compareWorld(scenes[place]!.world, rows);
    if (differences.length > 0) throw new Error(`before the race: ${JSON.stringify(differences)}`);
  }
};
