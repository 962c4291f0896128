import { uuidV7 } from '@longshore/contract';
import type { TestDatabase } from '@longshore/test-kit';
import type pg from 'pg';
import { createDoor, createLeaseBook } from '../../model/door.ts';
import { freezeClock } from '../../model/frozen-clock.ts';
import { type JobRow, readJobs } from '../../model/read-world.ts';
import { newWorld, type World } from '../../model/world.ts';
import { createActor } from '../actor.ts';
import type { Cast, Pair, Scene } from './scene.ts';
import { type LockWatch, watchLocks } from './watch-locks.ts';

const pairsOfConnections = 4;

/** Where many scenes are played side by side, in one database whose time stands still until it is moved. */
export interface Theatre {
  /** Orgs in which nothing has happened yet. */
  openScenes(count: number): Promise<Scene[]>;
  /** Acts in every scene, one after the other on each pair of connections. Answers in the order of the scenes. */
  inEach<Each extends Pick<Scene, 'actors'>, Answer>(
    scenes: readonly Each[],
    act: (scene: Each) => Promise<Answer>,
  ): Promise<Answer[]>;
  /** Moves time on: in the database for all, in the model for these. */
  advance(worlds: readonly World[], seconds: number): Promise<void>;
  /** The jobs of each scene. */
  readScenes(scenes: readonly Pick<Scene, 'orgId'>[]): Promise<JobRow[][]>;
  readonly isHeldUp: LockWatch;
}

/** Takes over the clock of the database, and nine connections. */
export const openTheatre = async (database: TestDatabase): Promise<Theatre> => {
  const clock = await freezeClock(database);
  const [began] = await database.query<{ at: string }>('select longshore.now()::text as at');
  const reader = await database.connect();
  const pairs = await Promise.all(
    Array.from({ length: pairsOfConnections }, () => Promise.all([database.connect(), database.connect()])),
  );
  let now = 0;
  return {
    openScenes: async (count) => {
      const casts = Array.from({ length: count }, createCast);
      const orgIds = await addOrgs(database, casts);
      return Promise.all(
        casts.map((cast, place) =>
          openScene({ cast, now, orgId: orgIds[place]!, clients: pairs[place % pairs.length]! }),
        ),
      );
    },
    inEach,
    advance: async (worlds, seconds) => {
      now += seconds;
      for (const world of worlds) world.now = now;
      await clock.advance(seconds);
    },
    readScenes: async (scenes) => {
      const byOrg = await readJobs(
        reader,
        scenes.map(({ orgId }) => orgId),
        began!.at,
      );
      return scenes.map(({ orgId }) => byOrg.get(orgId) ?? []);
    },
    isHeldUp: watchLocks(database),
  };
};

const inEach = async <Each extends Pick<Scene, 'actors'>, Answer>(
  scenes: readonly Each[],
  act: (scene: Each) => Promise<Answer>,
): Promise<Answer[]> => {
  const answers: Answer[] = [];
  const queues = Map.groupBy(scenes.entries(), ([, { actors }]) => actors[0].pid).values();
  const work = async (queue: [number, Each][]): Promise<void> => {
    for (const [place, scene] of queue) answers[place] = await act(scene);
  };
  await Promise.all(Array.from(queues, work));
  return answers;
};

const createCast = (): Cast => {
  const [job, parent] = [uuidV7(), uuidV7()];
  return {
    job,
    lease: { id: job, epoch: 1 },
    parent,
    parentLease: { id: parent, epoch: 1 },
    holder: uuidV7(),
    other: uuidV7(),
    holderWorker: uuidV7(),
    otherWorker: uuidV7(),
  };
};

/** An org for each cast, with both workers and their sessions, as their ids. */
const addOrgs = async (database: TestDatabase, casts: readonly Cast[]): Promise<number[]> => {
  const orgs = await database.query<{ id: number }>(
    `insert into longshore.orgs (slug)
    select 'race-' || casts.job from unnest($1::text[]) with ordinality as casts (job, place) order by place
    returning id`,
    [casts.map(({ job }) => job)],
  );
  const orgIds = orgs.map(({ id }) => id);
  const members = casts.flatMap(({ holder, holderWorker, other, otherWorker }, place) => [
    { org_id: orgIds[place], worker_id: holderWorker, id: holder, name: 'holder' },
    { org_id: orgIds[place], worker_id: otherWorker, id: other, name: 'other' },
  ]);
  await database.query(addWorkers, [JSON.stringify(members)]);
  await database.query(addSessions, [JSON.stringify(members)]);
  return orgIds;
};

const addWorkers = `
  insert into longshore.workers (org_id, id, name)
  select org_id, worker_id, name from json_to_recordset($1) as members (org_id int, worker_id uuid, name text)`;

const addSessions = `
  insert into longshore.worker_sessions (
    org_id, id, worker_id, kinds, capabilities, concurrency, lease_seconds, started_at, heartbeat_at
  )
  select org_id, id, worker_id, '{work}', '{}', 1000, 15, longshore.now(), longshore.now()
  from json_to_recordset($1) as members (org_id int, worker_id uuid, id uuid)`;

const openScene = async ({
  cast,
  now,
  orgId,
  clients,
}: {
  cast: Cast;
  now: number;
  orgId: number;
  clients: Pair<pg.Client>;
}): Promise<Scene> => {
  const actors = [await createActor(clients[0], orgId), await createActor(clients[1], orgId)] as const;
  const book = createLeaseBook();
  const world = { ...newWorld(), now };
  const session = { heartbeatAt: now, isOpen: true };
  world.sessions.set(cast.holder, { ...session, id: cast.holder, workerId: cast.holderWorker });
  world.sessions.set(cast.other, { ...session, id: cast.other, workerId: cast.otherWorker });
  return { orgId, cast, world, actors, doors: [createDoor(actors[0], book), createDoor(actors[1], book)] };
};
