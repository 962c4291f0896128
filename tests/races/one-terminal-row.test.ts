import { expect, test } from 'vitest';
import { useArena } from './use-arena.ts';

const arena = useArena();
const races = 1_000;
const racesAtOnce = 100;

test('B-06: in 1,000 races of complete, rescue and cancel each job ends once, or waits once', async () => {
  const [completer, rescuer, canceller] = await arena.addActors(3);
  const accepted = new Set<string>();
  const all: string[] = [];

  for (let round = 0; round < races / racesAtOnce; round++) {
    const session = await arena.openSession();
    const ids = await completer!.submit(Array.from({ length: racesAtOnce }, () => ({})));
    all.push(...ids);
    const held = await completer!.claim(session, racesAtOnce);
    expect(held).toHaveLength(racesAtOnce);
    await arena.silence(session);
    const completing = inTens(held).map(async (leases) => {
      const refused = await completer!.complete(leases, 'done');
      for (const lease of leases) if (!refused.some(({ id }) => id === lease.id)) accepted.add(lease.id);
    });
    const rescuing = rescuer!.rescue([session]);
    const cancelling = inTens(ids.toReversed()).map((some) => canceller!.cancel(some));
    await Promise.all([...completing, rescuing, ...cancelling]);
    // Cancel and rescue both leave a job that nobody holds to whoever comes next.
    await canceller!.cancel(ids);
  }

  expect(await liveCount()).toBe(0);
  const rows = await arena.database.query<{ id: string; state: string; times: number }>(
    'select id, min(state::text) as state, count(*)::int as times from longshore.finished_jobs group by id',
  );
  expect(rows).toHaveLength(races);
  expect(rows.filter(({ times }) => times !== 1)).toEqual([]);
  expect(new Set(rows.filter(({ state }) => state === 'completed').map(({ id }) => id))).toEqual(accepted);
  expect(rows.every(({ state }) => state === 'completed' || state === 'cancelled')).toBe(true);
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(all));
});

const inTens = <Item>(items: Item[]): Item[][] =>
  Array.from({ length: items.length / 10 }, (_, part) => items.slice(part * 10, part * 10 + 10));

const liveCount = async (): Promise<number> => {
  const [row] = await arena.database.query<{ count: number }>('select count(*)::int from longshore.jobs');
  return row!.count;
};
