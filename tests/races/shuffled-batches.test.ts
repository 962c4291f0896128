import { expect, test } from 'vitest';
import type { Actor, Claimed } from './actor.ts';
import { createRandom } from './random.ts';
import { useArena } from './use-arena.ts';

const arena = useArena();
const rounds = 25;
const jobsInRound = 60;

test('B-40: parallel finishes of shuffled lists with rescue, cancel, retry, heartbeat, time-out and prune meet no deadlock', async () => {
  const random = createRandom();
  const before = await readDeadlocks();
  const actors = await arena.addActors(10);

  for (let round = 0; round < rounds; round++) {
    const held = await claimTree(actors[0]!);
    const ids = held.map(({ id }) => id);
    const [session] = [held[0]!.session_id];
    await arena.silence(session);
    const shuffled = () => random.shuffle(held);
    const part = (size: number) => random.shuffle(ids).slice(0, size);
    await Promise.all([
      actors[0]!.complete(shuffled(), 'done'),
      actors[1]!.complete(shuffled(), 'done'),
      actors[2]!.fail(shuffled().slice(0, 30)),
      actors[3]!.release(shuffled().slice(0, 30)),
      actors[4]!.rescue([session]),
      actors[5]!.cancel(part(30)),
      actors[6]!.retry(part(60)),
      actors[7]!.timeOut().then(() => actors[7]!.run('select longshore.prune_rows(30, 100)')),
      actors[8]!.heartbeat([{ sessionId: session, held: [] }]),
      actors[9]!.unblock().then(() => actors[9]!.unblock()),
    ]);
    const live = await arena.database.query<{ id: string }>('select id from longshore.jobs');
    await actors[0]!.cancel(live.map(({ id }) => id));
    await actors[0]!.closeSession(session);
    await actors[0]!.cancel(live.map(({ id }) => id));
    await actors[0]!.unblock();
  }

  expect(await readDeadlocks(), `seed ${random.seed}`).toBe(before);
  const twice = await arena.database.query(
    'select id from longshore.all_jobs group by id having count(*) > 1',
  );
  expect(twice).toEqual([]);
});

/** Running jobs with a timeout that has passed, and a child for each that waits for two of them. */
const claimTree = async (actor: Actor): Promise<Claimed[]> => {
  const session = await arena.openSession();
  const parents = await actor.submit(Array.from({ length: jobsInRound }, () => ({ timeout_seconds: 1 })));
  const held = await actor.claim(session, jobsInRound);
  await actor.submit(
    parents.map((id, place) => ({
      depends_on: [id, parents[(place * 7 + 1) % jobsInRound]!].filter(
        (one, at, all) => all.indexOf(one) === at,
      ),
    })),
  );
  await arena.clock.advance(20);
  return held;
};

const readDeadlocks = async (): Promise<number> => {
  await arena.database.query('select pg_stat_force_next_flush()');
  const [row] = await arena.database.query<{ deadlocks: number }>(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  return row!.deadlocks;
};
