import { advanceFloors, type FloorState, floorsOf, noFloors } from '@longshore/db';
import { eventually } from '@longshore/test-kit';
import { describe, expect, test } from 'vitest';
import type { Actor } from './actor.ts';
import { useArena } from './use-arena.ts';

const arena = useArena();

const look = async (actor: Actor, state: FloorState): Promise<FloorState> =>
  advanceFloors(state, await actor.readFloors(floorsOf(state)));

/** The state after several looks with nothing happening between them. */
const lookOften = async (actor: Actor, state: FloorState = noFloors): Promise<FloorState> => {
  let seen = state;
  for (let time = 0; time < 4; time++) seen = await look(actor, seen);
  return seen;
};

/** Looks until the floor has reached a key: a transaction in another test's database may hold it back for a while. */
const lookUntil = (actor: Actor, key: bigint, state: FloorState = noFloors): Promise<FloorState> => {
  let seen = state;
  return eventually(async () => {
    seen = await look(actor, seen);
    return floorOf(seen) >= key ? seen : null;
  });
};

const floorOf = (state: FloorState): bigint => BigInt(floorsOf(state)[0]?.floor ?? 0);

const claimFrom = (actor: Actor, state: FloorState, sessionId: string, limit = 100) =>
  actor.claim(sessionId, limit, { floors: floorsOf(state) });

/** Sorted: an UPDATE returns rows in any order. */
const idsOf = (jobs: { id: string }[]): string[] => jobs.map(({ id }) => id).toSorted();

describe('the claim floor', () => {
  test('does not pass a job whose submit drew its place first and commits last', async () => {
    const [late, quick, reader] = await arena.addActors(3);
    const session = await arena.openSession();
    await quick!.submit([{}]);
    await claimFrom(quick!, noFloors, session);

    await late!.begin();
    const [slow] = await late!.submit([{}]);
    let state = noFloors;
    for (let round = 0; round < 3; round++) {
      await quick!.submit([{}, {}]);
      state = await look(reader!, state);
      expect(await claimFrom(quick!, state, session)).toHaveLength(2);
      state = await look(reader!, state);
    }
    const floorBefore = floorOf(state);
    await late!.commit();

    const claimed = await claimFrom(quick!, state, session);
    expect(claimed.map(({ id }) => id)).toEqual([slow]);
    expect(floorBefore).toBeLessThanOrEqual(BigInt(claimed[0]!.order_key));
  });

  test('does not pass such a job either when it is looked at again before anybody claims', async () => {
    const [late, quick, reader] = await arena.addActors(3);
    const session = await arena.openSession();
    await quick!.submit([{}]);
    await claimFrom(quick!, noFloors, session);

    await late!.begin();
    const [slow] = await late!.submit([{}]);
    const [next] = await quick!.submit([{}]);
    let state = await look(reader!, noFloors);
    await late!.commit();
    state = await look(reader!, state);

    const claimed = await claimFrom(quick!, state, session);
    expect(idsOf(claimed)).toEqual([slow, next].toSorted());
  });

  test('does not pass the jobs of a submit after which no other transaction has ended', async () => {
    const [late, reader] = await arena.addActors(2);
    const session = await arena.openSession();
    await late!.submit([{}]);
    await claimFrom(late!, noFloors, session);

    await late!.begin();
    const ids = await late!.submit([{}, {}]);
    const state = await lookOften(reader!);
    await late!.commit();

    expect(idsOf(await claimFrom(late!, state, session))).toEqual(ids.toSorted());
  });

  test('does not pass jobs whose claim is rolled back', async () => {
    const [claimer, other, reader] = await arena.addActors(3);
    const session = await arena.openSession();
    const ids = await claimer!.submit([{}, {}, {}]);

    await claimer!.begin();
    expect(await claimFrom(claimer!, noFloors, session, 2)).toHaveLength(2);
    let state = await lookOften(reader!);
    expect(await claimFrom(other!, state, session)).toHaveLength(1);
    state = await lookOften(reader!, state);
    await claimer!.rollback();

    expect(idsOf(await claimFrom(other!, state, session))).toEqual(ids.slice(0, 2).toSorted());
  });

  test('does not pass jobs that come back: released, retried, rescued', async () => {
    const [actor, reader] = await arena.addActors(2);
    const [session, dying] = [await arena.openSession(), await arena.openSession()];
    await actor!.submit([{}, {}, {}, {}]);
    const held = await claimFrom(actor!, noFloors, session, 3);
    const [lost] = await claimFrom(actor!, noFloors, dying);
    let state = await lookOften(reader!);

    await actor!.release([held[0]!]);
    await actor!.fail([held[1]!]);
    await actor!.fail([held[2]!], { isRetryable: false });
    await actor!.retry([held[2]!.id]);
    await arena.silence(dying);
    await actor!.rescue([dying]);
    state = await look(reader!, state);

    const claimed = await claimFrom(actor!, state, session);
    expect(idsOf(claimed)).toEqual(idsOf([...held, lost!]));
  });

  test('moves on while a reader holds a snapshot', async () => {
    const [actor, reader, holder] = await arena.addActors(3);
    const session = await arena.openSession();
    await actor!.submit([{}, {}, {}]);
    await holder!.run('begin isolation level repeatable read');
    await holder!.run('select count(*) from longshore.jobs');
    const claimed = await claimFrom(actor!, noFloors, session, 3);

    await lookUntil(reader!, BigInt(claimed.at(-1)!.order_key));
    await holder!.commit();
  });

  test('stands still while a writer is under way, and moves on once it ends', async () => {
    const [actor, reader, writer] = await arena.addActors(3);
    const session = await arena.openSession();
    await actor!.submit([{}, {}, {}]);
    await writer!.begin();
    await writer!.run('select pg_current_xact_id()');
    const claimed = await claimFrom(actor!, noFloors, session, 3);

    const state = await lookOften(reader!);
    expect(floorOf(state)).toBe(0n);
    await writer!.commit();
    await lookUntil(reader!, BigInt(claimed.at(-1)!.order_key), state);
  });
});
