import { uuidV7 } from '@longshore/contract';
import type { TestDatabase } from '@longshore/test-kit';
import type pg from 'pg';
import { createDoor, createLeaseBook, type Door, type LeaseBook } from '../../model/door.ts';
import type { FrozenClock } from '../../model/frozen-clock.ts';
import { compareWorld, type Difference } from '../../model/read-world.ts';
import * as model from '../../model/verbs.ts';
import { type ModelLease, newWorld, type World } from '../../model/world.ts';
import { type Actor, createActor } from '../actor.ts';
import { makeOrg, openSession } from '../use-arena.ts';

/** Who and what the verbs of one race speak of. */
export interface Cast {
  /** The job that is raced for, and the lease that its first claim gave. */
  job: string;
  lease: ModelLease;
  /** A job that it may depend on, and the lease of its first claim. */
  parent: string;
  parentLease: ModelLease;
  /** The session that claims the job in the starts, and one of another worker. */
  holder: string;
  other: string;
  holderWorker: string;
}

/** One org of its own, as the model has it and as the database does. */
export interface Scene {
  cast: Cast;
  world: World;
  book: LeaseBook;
  /** The two that race, and whoever sets the scene. */
  actors: [Actor, Actor];
  doors: [Door, Door];
  advance(seconds: number): Promise<void>;
  /** What differs between model and database. */
  differences(): Promise<Difference[]>;
}

export interface SceneOptions {
  database: TestDatabase;
  clock: FrozenClock;
  clients: [pg.Client, pg.Client];
}

export const openScene = async ({ database, clock, clients }: SceneOptions): Promise<Scene> => {
  const { orgId, workerId: holderWorker } = await makeOrg(database);
  const otherWorker = uuidV7();
  await database.query("insert into longshore.workers (org_id, id, name) values ($1, $2, 'other')", [
    orgId,
    otherWorker,
  ]);
  const [holder, other] = [
    await openSession(database, { orgId, workerId: holderWorker }),
    await openSession(database, { orgId, workerId: otherWorker }),
  ];
  const [began] = await database.query<{ at: string }>('select longshore.now()::text as at');
  const book = createLeaseBook();
  const actors: [Actor, Actor] = [await createActor(clients[0], orgId), await createActor(clients[1], orgId)];
  const world = newWorld();
  world.sessions.set(holder, { id: holder, workerId: holderWorker, heartbeatAt: 0, isOpen: true });
  world.sessions.set(other, { id: other, workerId: otherWorker, heartbeatAt: 0, isOpen: true });
  const [job, parent] = [uuidV7(), uuidV7()];
  const scene: Scene = {
    cast: {
      job,
      lease: { id: job, epoch: 1 },
      parent,
      parentLease: { id: parent, epoch: 1 },
      holder,
      other,
      holderWorker,
    },
    world,
    book,
    actors,
    doors: [createDoor(actors[0], book), createDoor(actors[1], book)],
    advance: async (seconds) => {
      scene.world.now += seconds;
      await clock.advance(seconds);
    },
    differences: () => compareWorld(actors[0], scene.world, began!.at),
  };
  return scene;
};

type Step = (scene: Scene) => Promise<void>;

const submit =
  (request: Omit<model.SubmitRequest, 'id'> = {}, of: 'job' | 'parent' = 'job'): Step =>
  async ({ cast, world, doors }) => {
    const full = { ...request, id: cast[of] };
    model.submit(world, [full]);
    await doors[0].submit([full]);
  };

const claim =
  (of: 'holder' | 'other'): Step =>
  async (scene) => {
    const { cast, world, doors } = scene;
    await scene.differences();
    model.claim(world, [cast[of]], 1);
    await doors[0].claim([cast[of]], 1);
  };

const wait =
  (seconds: number): Step =>
  (scene) =>
    scene.advance(seconds);

const depend: Step = async (scene) => submit({ dependsOn: [scene.cast.parent] })(scene);

/** The states of a job from which races start. */
export const starts: Record<string, Step[]> = {
  waiting: [submit()],
  'due but still scheduled': [submit({ delaySeconds: 60 }), wait(90)],
  running: [submit({ timeoutSeconds: 600 }), claim('holder')],
  'running, silent and overdue': [submit({ timeoutSeconds: 30 }), claim('holder'), wait(3_600)],
  'running for the last time': [submit({ timeoutSeconds: 30, maxAttempts: 1 }), claim('holder'), wait(3_600)],
  'running, asked to stop': [
    submit(),
    claim('holder'),
    async ({ cast, world, doors }) => {
      model.cancel(world, [cast.job]);
      await doors[0].cancel([cast.job]);
    },
    wait(3_600),
  ],
  failed: [
    submit({ maxAttempts: 1 }),
    claim('holder'),
    async ({ cast, world, doors }) => {
      model.fail(world, [cast.lease], { isRetryable: false, delaySeconds: 0 });
      await doors[0].fail([cast.lease], { isRetryable: false, delaySeconds: 0 });
    },
  ],
  completed: [
    submit(),
    claim('holder'),
    async ({ cast, world, doors }) => {
      model.complete(world, [cast.lease]);
      await doors[0].complete([cast.lease]);
    },
  ],
  'blocked by a running parent': [submit({}, 'parent'), claim('other'), depend],
  'free to go, its parent done': [
    submit({}, 'parent'),
    claim('other'),
    depend,
    async ({ cast, world, doors }) => {
      model.complete(world, [cast.parentLease]);
      await doors[0].complete([cast.parentLease]);
    },
  ],
};

/** Brings model and database into a start. Throws when they differ there already. */
export const setScene = async (scene: Scene, start: string): Promise<void> => {
  for (const step of starts[start]!) await step(scene);
  const differences = await scene.differences();
  if (differences.length > 0) throw new Error(`start ${start}: ${JSON.stringify(differences)}`);
};
