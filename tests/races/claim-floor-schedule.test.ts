import { advanceFloors, type FloorState, floorsOf, noFloors } from '@longshore/db';
import { expect, test } from 'vitest';
import type { Actor, Claimed } from './actor.ts';
import { createRandom, type Random } from './random.ts';
import { useArena } from './use-arena.ts';

const arena = useArena();
const schedules = 12;
const stepsInSchedule = 80;

/** A connection of the schedule: what it has claimed and may not have committed yet. */
interface Player {
  actor: Actor;
  isOpen: boolean;
  held: Claimed[];
  heldBefore: Claimed[];
}

test('no job is ever below the floor, however submits, claims, releases and looks interleave with open transactions', async () => {
  const random = createRandom();
  const actors = await arena.addActors(6);
  const session = await arena.openSession();
  const reader = actors.pop()!;
  // The first submit makes the route, which others would wait for.
  await reader.cancel(await reader.submit([{}]));

  for (let schedule = 0; schedule < schedules; schedule++) {
    const players = actors.map((actor): Player => ({ actor, isOpen: false, held: [], heldBefore: [] }));
    let state = noFloors;
    for (let step = 0; step < stepsInSchedule; step++) {
      if (random.below(3) === 0) state = advanceFloors(state, await reader.readFloors(floorsOf(state)));
      else await playStep(random.pick(players), { random, state, session });
      expect(await countBelow(state), `seed ${random.seed}, schedule ${schedule}, step ${step}`).toBe(0);
    }
    for (const player of players) if (player.isOpen) await player.actor.commit();
    state = advanceFloors(state, await reader.readFloors(floorsOf(state)));
    expect(await countBelow(state), `seed ${random.seed}, schedule ${schedule}, end`).toBe(0);
    await drain(reader, state, session);
    expect(await countBelow(undefined), `seed ${random.seed}, schedule ${schedule}, drained`).toBe(0);
  }
});

const playStep = async (
  player: Player,
  { random, state, session }: { random: Random; state: FloorState; session: string },
): Promise<void> => {
  const { actor } = player;
  switch (random.pick(['begin', 'submit', 'submit', 'claim', 'claim', 'release', 'end', 'end'])) {
    case 'begin':
      if (player.isOpen) return;
      player.isOpen = true;
      player.heldBefore = player.held;
      return actor.begin();
    case 'submit':
      await actor.submit(Array.from({ length: 1 + random.below(3) }, () => ({})));
      return;
    case 'claim': {
      const claimed = await actor.claim(session, 1 + random.below(4), { floors: floorsOf(state) });
      player.held = [...player.held, ...claimed];
      return;
    }
    case 'release':
      await actor.release(player.held);
      player.held = [];
      return;
    case 'end': {
      if (!player.isOpen) return;
      player.isOpen = false;
      if (random.below(2) === 0) return actor.commit();
      player.held = player.heldBefore;
      return actor.rollback();
    }
  }
};

/** Committed jobs that wait, below the floor; without a state, all that wait. */
const countBelow = async (state: FloorState | undefined): Promise<number> => {
  const floor = state && (floorsOf(state)[0]?.floor ?? '0');
  const [row] = await arena.database.query<{ count: number }>(
    `select count(*)::int from longshore.jobs
    where org_id = $1 and state = 'available' and ($2::bigint is null or order_key < $2)`,
    [arena.orgId, floor],
  );
  return row!.count;
};

const drain = async (actor: Actor, state: FloorState, session: string): Promise<void> => {
  for (;;) {
    const claimed = await actor.claim(session, 1_000, { floors: floorsOf(state) });
    if (claimed.length === 0) return;
    await actor.complete(claimed);
  }
};
