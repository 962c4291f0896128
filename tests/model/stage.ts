import { uuidV7 } from '@longshore/contract';
import type { TestDatabase } from '@longshore/test-kit';
import type pg from 'pg';
import { createActor } from '../races/actor.ts';
import { makeOrg, openSession } from '../races/use-arena.ts';
import { createDoor, createLeaseBook, type Door } from './door.ts';
import type { FrozenClock } from './frozen-clock.ts';
import { compareWorld, type Difference, readJobs } from './read-world.ts';
import { type ModelLease, newWorld, type World } from './world.ts';

/** One org, in the model and in the database. */
export interface Tenant {
  orgId: number;
  world: World;
  /** One for each client: a verb may come from any. */
  doors: Door[];
  workers: string[];
  /** Opens a session of a worker in both. */
  openSession(workerId: string): Promise<void>;
}

export interface Stage {
  tenants: [Tenant, Tenant];
  advance(seconds: number): Promise<void>;
  /** What model and database have differently, by tenant. */
  differences(): Promise<[Difference[], Difference[]]>;
}

export interface StageOptions {
  database: Pick<TestDatabase, 'query'>;
  clock: FrozenClock;
  clients: pg.ClientBase[];
}

/** Two orgs with two workers each, one of which has two sessions. */
export const openStage = async (options: StageOptions): Promise<Stage> => {
  const { database, clock, clients } = options;
  const tenants: [Tenant, Tenant] = [await openTenant(options), await openTenant(options)];
  const [began] = await database.query<{ at: string }>('select longshore.now()::text as at');
  return {
    tenants,
    advance: async (seconds) => {
      for (const { world } of tenants) world.now += seconds;
      await clock.advance(seconds);
    },
    differences: async () => {
      const [one, other] = tenants;
      const rows = await readJobs(clients[0]!, [one.orgId, other.orgId], began!.at);
      return [
        compareWorld(one.world, rows.get(one.orgId) ?? []),
        compareWorld(other.world, rows.get(other.orgId) ?? []),
      ];
    },
  };
};

const openTenant = async ({ database, clients }: StageOptions): Promise<Tenant> => {
  const { orgId, workerId } = await makeOrg(database);
  const workers = [workerId, uuidV7()];
  await database.query("insert into longshore.workers (org_id, id, name) values ($1, $2, 'other')", [
    orgId,
    workers[1],
  ]);
  const book = createLeaseBook();
  const actors = await Promise.all(clients.map((client) => createActor(client, orgId)));
  const world = newWorld();
  const tenant: Tenant = {
    orgId,
    world,
    doors: actors.map((actor) => createDoor(actor, book)),
    workers,
    openSession: async (worker) => {
      const id = await openSession(database, { orgId, workerId: worker });
      world.sessions.set(id, { id, workerId: worker, heartbeatAt: world.now, isOpen: true });
    },
  };
  for (const worker of [workers[0]!, workers[0]!, workers[1]!]) await tenant.openSession(worker);
  return tenant;
};

/** Every lease that a claim ever gave out for a job that is known. */
export const leasesOf = ({ jobs }: World): ModelLease[] =>
  [...jobs.values()].flatMap(({ id, epoch }) =>
    Array.from({ length: epoch }, (_, given) => ({ id, epoch: given + 1 })),
  );
