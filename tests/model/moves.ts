import { uuidV7 } from '@longshore/contract';
import * as fc from 'fast-check';
import type { Door } from './door.ts';
import type { Stage, Tenant } from './stage.ts';
import { leasesOf } from './stage.ts';
import * as model from './verbs.ts';
import type { ModelLease, World } from './world.ts';

/** What a move means right now: what the model answers, and the call that should answer the same. */
export interface Played {
  expected: unknown;
  answered: unknown;
}

/** One thing that may happen. Its numbers choose among what is there when it is played. */
export interface Move {
  name: string;
  tenant: 0 | 1;
  client: number;
  numbers: number[];
}

type Play = (game: Game) => Promise<Played>;

interface Game {
  stage: Stage;
  tenant: Tenant;
  stranger: Tenant;
  world: World;
  door: Door;
  /** One of these by the next number; undefined when there are none. */
  pick<Item>(items: readonly Item[]): Item | undefined;
  /** Up to three of these, each once. */
  pickSome<Item>(items: readonly Item[]): Item[];
  below(end: number): number;
}

const nothing: Played = { expected: null, answered: null };

const withLeases =
  (play: (game: Game, leases: ModelLease[]) => Promise<Played>): Play =>
  (game) => {
    const current = leasesOf(game.world).filter(({ id, epoch }) => game.world.jobs.get(id)!.epoch === epoch);
    const running = current.filter(({ id }) => game.world.jobs.get(id)!.state === 'running');
    // Mostly leases that hold; else any that was ever given out, of which one a job.
    const from = game.below(4) > 0 && running.length > 0 ? running : leasesOf(game.world);
    const chosen = new Map(game.pickSome(from).map((lease) => [lease.id, lease]));
    return chosen.size === 0 ? Promise.resolve(nothing) : play(game, [...chosen.values()]);
  };

const withJobs =
  (play: (game: Game, ids: string[]) => Promise<Played>): Play =>
  (game) => {
    const ids = game.pickSome([...game.world.jobs.keys()]);
    return ids.length === 0 ? Promise.resolve(nothing) : play(game, ids);
  };

const newRequest = ({ pick, below, world }: Game): model.SubmitRequest => ({
  id: uuidV7(),
  priority: below(3) - 1,
  maxAttempts: 1 + below(3),
  ...(below(3) === 0 && { delaySeconds: 1 + below(60) }),
  ...(below(3) === 0 && { timeoutSeconds: 5 + below(40) }),
  ...(below(4) === 0 && world.jobs.size > 0 && parents(pick([...world.jobs.keys()])!, below(2) === 0)),
});

const parents = (id: string, mayFail: boolean) => ({
  dependsOn: [id],
  ...(mayFail && { onDependencyFailure: 'run' as const }),
});

const delays = [0, 0, 5, 30];
const steps = [1, 5, 8, 12, 16, 31, 61, 400];

/** All moves by name. */
export const plays: Record<string, Play> = {
  submit: async (game) => submitBoth(game, [newRequest(game)]),
  'submit several': async (game) => submitBoth(game, [newRequest(game), newRequest(game), newRequest(game)]),
  'submit an id again': withJobs(async (game, [id]) => submitBoth(game, [{ id: id!, isRepeat: true }])),
  'submit with a key': async (game) =>
    submitBoth(game, [
      { id: uuidV7(), key: `key ${game.below(4)}`, maxAttempts: 2, priority: game.below(5) === 0 ? 1 : 0 },
    ]),
  claim: async ({ world, door, pickSome, below }) => {
    const [sessions, limit] = [pickSome([...world.sessions.keys()]), 1 + below(3)];
    return {
      expected: sorted(model.claim(world, sessions, limit)),
      answered: sorted(await door.claim(sessions, limit)),
    };
  },
  heartbeat: async ({ world, door, pick, pickSome, below }) => {
    const session = pick([...world.sessions.keys()])!;
    const own = leasesOf(world).filter(({ id, epoch }) => {
      const job = world.jobs.get(id)!;
      return job.state === 'running' && job.sessionId === session && job.epoch === epoch;
    });
    const held = below(4) > 0 ? own : oneEach(pickSome(leasesOf(world)));
    return { expected: model.heartbeat(world, session, held), answered: await door.heartbeat(session, held) };
  },
  complete: withLeases(async ({ world, door }, leases) => ({
    expected: model.complete(world, leases),
    answered: await door.complete(leases),
  })),
  fail: withLeases(async ({ world, door, pick, below }, leases) => {
    const how = { isRetryable: below(4) > 0, delaySeconds: pick(delays)! };
    return { expected: model.fail(world, leases, how), answered: await door.fail(leases, how) };
  }),
  release: withLeases(async ({ world, door }, leases) => ({
    expected: model.release(world, leases),
    answered: await door.release(leases),
  })),
  snooze: withLeases(async ({ world, door, pick }, leases) => {
    const delaySeconds = pick(delays)!;
    return {
      expected: model.snooze(world, leases, delaySeconds),
      answered: await door.snooze(leases, delaySeconds),
    };
  }),
  report: withLeases(async ({ world, door }, leases) => ({
    expected: model.report(world, leases),
    answered: await door.report(leases),
  })),
  cancel: withJobs(async ({ world, door }, ids) => ({
    expected: model.cancel(world, ids),
    answered: await door.cancel(ids),
  })),
  retry: withJobs(async ({ world, door }, ids) => ({
    expected: model.retry(world, ids),
    answered: await door.retry(ids),
  })),
  rescue: async ({ world, door }) => {
    const sessions = [...world.sessions.keys()];
    return { expected: model.rescue(world, sessions), answered: await door.rescue(sessions) };
  },
  'time out': async ({ world, door }) => ({
    expected: model.timeOut(world),
    answered: await door.timeOut(),
  }),
  promote: async ({ world, door }) => {
    const ids = [...world.jobs.keys()];
    return { expected: model.promote(world, ids), answered: await door.promote(ids) };
  },
  unblock: async ({ world, door }) => ({
    expected: model.unblockAll(world),
    answered: await door.unblockAll(),
  }),
  'open a session': async ({ tenant, pick }) => {
    await tenant.openSession(pick(tenant.workers)!);
    return nothing;
  },
  'close a session': async ({ world, door, pick }) => {
    const session = pick([...world.sessions.keys()])!;
    return { expected: model.closeSession(world, session), answered: await door.closeSession(session) };
  },
  'revoke a worker': async ({ world, door, tenant, pick }) => {
    const worker = pick(tenant.workers)!;
    return { expected: model.revokeWorker(world, worker), answered: await door.revokeWorker(worker) };
  },
  pause: async ({ world, door }) => {
    world.isPaused = true;
    return { expected: 'paused', answered: await door.pause(true) };
  },
  resume: async ({ world, door }) => {
    world.isPaused = false;
    return { expected: 'paused', answered: await door.pause(false) };
  },
  'let time pass': async ({ stage, pick }) => {
    await stage.advance(pick(steps)!);
    return nothing;
  },
  'touch what is foreign': async (game) => touchForeign(game),
};

const submitBoth = async ({ world, door }: Game, requests: model.SubmitRequest[]): Promise<Played> => ({
  expected: model.submit(world, requests),
  answered: await door.submit(requests),
});

/** Jobs and leases of the other org are none here, whatever one tries with them. */
const touchForeign = async ({ stranger, door, pick, below }: Game): Promise<Played> => {
  const lease = pick(leasesOf(stranger.world));
  const id = lease?.id ?? pick([...stranger.world.jobs.keys()]);
  if (id === undefined) return nothing;
  const leases = [lease ?? { id, epoch: 1 }];
  const tries: [unknown, () => Promise<unknown>][] = [
    [['lost null'], () => door.complete(leases)],
    [['lost null'], () => door.fail(leases, { isRetryable: true, delaySeconds: 0 })],
    [['lost null'], () => door.release(leases)],
    [['lost null'], () => door.snooze(leases, 5)],
    [['lost null'], () => door.report(leases)],
    [['refused null'], () => door.cancel([id])],
    [['refused null'], () => door.retry([id])],
    [0, () => door.promote([id])],
    [0, () => door.rescue([...stranger.world.sessions.keys()])],
    ['gone', () => door.heartbeat(pick([...stranger.world.sessions.keys()])!, leases)],
  ];
  const [expected, attempt] = tries[below(tries.length)]!;
  return { expected, answered: await attempt() };
};

const oneEach = (leases: ModelLease[]): ModelLease[] => [
  ...new Map(leases.map((lease) => [lease.id, lease])).values(),
];

const sorted = (given: { sessionId: string; ids: string[] }[]) =>
  given.map(({ sessionId, ids }) => ({ sessionId, ids: ids.toSorted() }));

/** Plays a move of the tenant that it names. */
export const play = (stage: Stage, move: Move): Promise<Played> => {
  const tenant = stage.tenants[move.tenant];
  let place = 0;
  const next = (): number => move.numbers[place++ % move.numbers.length]!;
  const below = (end: number): number => next() % end;
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items.length === 0 ? undefined : items[below(items.length)];
  const pickSome = <Item>(items: readonly Item[]): Item[] => [
    ...new Set(Array.from({ length: 1 + below(3) }, () => pick(items)).filter((item) => item !== undefined)),
  ];
  const door = tenant.doors[move.client % tenant.doors.length]!;
  const stranger = stage.tenants[move.tenant === 0 ? 1 : 0];
  return plays[move.name]!({ stage, tenant, stranger, world: tenant.world, door, pick, pickSome, below });
};

/** Some come more often, so that there is enough to do for the others. */
const weights: Record<string, number> = {
  submit: 3,
  claim: 6,
  complete: 2,
  'let time pass': 2,
  'revoke a worker': 0.3,
};

/** Any move. */
export const moves: fc.Arbitrary<Move> = fc.record({
  name: fc.oneof(
    ...Object.keys(plays).map((name) => ({
      arbitrary: fc.constant(name),
      weight: 10 * (weights[name] ?? 1),
    })),
  ),
  tenant: fc.oneof(
    { arbitrary: fc.constant(0 as const), weight: 3 },
    { arbitrary: fc.constant(1 as const), weight: 1 },
  ),
  client: fc.nat(3),
  numbers: fc.array(fc.nat(999), { minLength: 8, maxLength: 8 }),
});
