import { uuidV7 } from '@longshore/contract';
import { advanceFloors, type FloorState, floorsOf, noFloors } from '@longshore/db';
import { beforeAll, expect, test } from 'vitest';
import type { Actor } from './actor.ts';
import { useArena } from './use-arena.ts';

const arena = useArena();
const gate = 4_711;

/** Stops the submits of a connection that says so between the place in line that a job draws and its row. */
const stopInserts = `
  create function public.stop_insert() returns trigger language plpgsql as $$
  begin
    if current_setting('test.is_stopped', true) = 'on' then
      perform pg_advisory_xact_lock_shared(${gate});
    end if;
    return new;
  end
  $$;
  create trigger stop_insert before insert on longshore.jobs for each row execute function public.stop_insert();
`;
beforeAll(async () => {
  await arena.database.query(stopInserts);
});

const submitPlain = async (actor: Actor): Promise<string> => {
  const id = uuidV7();
  await actor.run(
    `select longshore.insert_new_jobs($1, array[$2::uuid], array[route], array['null'::json], array[3], null)
    from longshore.ensure_route($1, 'default', 'work', 0::smallint, '{}', null) as route`,
    [arena.orgId, id],
  );
  return id;
};

/** Each function that gives a new job its place. */
const submits: Record<string, (actor: Actor) => Promise<string>> = {
  insert_jobs: async (actor) => (await actor.submit([{}]))[0]!,
  insert_new_jobs: submitPlain,
};

test.each(Object.keys(submits))(
  'the claim floor does not pass a job that %s has drawn a place for and not stored yet',
  async (name) => {
    const [slow, quick, reader, holder] = await arena.addActors(4);
    const session = await arena.openSession();
    await quick!.submit([{}]);
    await quick!.claim(session, 1);
    await holder!.run('select pg_advisory_lock($1)', [gate]);
    await slow!.run(`set test.is_stopped = 'on'`);

    const submitted = submits[name]!(slow!);
    await arena.untilBlocked(slow!);
    const look = async (state: FloorState): Promise<FloorState> =>
      advanceFloors(state, await reader!.readFloors(floorsOf(state)));
    let state = noFloors;
    for (let round = 0; round < 3; round++) {
      await quick!.submit([{}]);
      state = await look(state);
      expect(await quick!.claim(session, 10, { floors: floorsOf(state) })).toHaveLength(1);
      state = await look(state);
    }
    await holder!.run('select pg_advisory_unlock($1)', [gate]);
    const id = await submitted;

    expect(await quick!.claim(session, 10, { floors: floorsOf(state) })).toMatchObject([{ id }]);
  },
);
