import { describe, expect, test } from 'vitest';
import type { Actor } from './actor.ts';
import { useArena } from './use-arena.ts';

const arena = useArena();

/** A job that failed for good, two minutes ago. */
const makeFailedJob = async (actor: Actor): Promise<string> => {
  const [id] = await actor.submit([{ max_attempts: 1 }]);
  await actor.fail(await actor.claim(await arena.openSession(), 1));
  await arena.clock.advance(120);
  return id!;
};
const remove = async (actor: Actor): Promise<string[]> => {
  const rows = await actor.run(
    `select ids from longshore.remove_finished($1, 'default', '{failed}', null, longshore.now(), null, 10)`,
    [arena.orgId],
  );
  return rows[0]!.ids;
};

describe('history that is removed while somebody wants the job back', () => {
  test('passes over a job that a retry holds: it runs again', async () => {
    const [retrier, remover] = await arena.addActors(2);
    const id = await makeFailedJob(retrier!);
    await retrier!.run('begin');
    await retrier!.retry([id]);
    expect(await remove(remover!)).toEqual([]);
    await retrier!.run('commit');
    expect(await arena.readJob(id)).toMatchObject({ state: 'available' });
    expect(await remove(remover!)).toEqual([]);
  });

  test('is gone for a retry that comes while it goes', async () => {
    const [retrier, remover] = await arena.addActors(2);
    const id = await makeFailedJob(retrier!);
    await remover!.run('begin');
    expect(await remove(remover!)).toEqual([id]);
    const retried = retrier!.retry([id]);
    await arena.untilBlocked(retrier!);
    await remover!.run('commit');
    expect(await retried).toMatchObject([{ id, state: null, is_accepted: false }]);
  });

  test('goes once, and whoever trims at the same time waits for nobody', async () => {
    const [first, second] = await arena.addActors(2);
    await makeFailedJob(first!);
    await first!.run(
      `insert into longshore.queue_retention (org_id, queue, outcome, keep_count, due_at)
       values ($1, 'default', 'failed', 0, longshore.now())`,
      [arena.orgId],
    );
    const trim = (actor: Actor) =>
      actor.run(`select longshore.trim_queue($1, 'default', 'failed', 10) as count`, [arena.orgId]);
    await first!.run('begin');
    expect(await trim(first!)).toEqual([{ count: 1 }]);
    expect(await trim(second!)).toEqual([{ count: 0 }]);
    await first!.run('commit');
    expect(await trim(second!)).toEqual([{ count: 0 }]);
  });
});
