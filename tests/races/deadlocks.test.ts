import { uuidV7 } from '@longshore/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from './actor.ts';
import { countDeadlocks, useArena } from './use-arena.ts';

const arena = useArena();
let before = 0;
beforeEach(async () => {
  before = await countDeadlocks(arena.database);
});
afterEach(async () => expect(await countDeadlocks(arena.database)).toBe(before));

/** Holds one row locked until the answer is called. */
const holdRow = async (actor: Actor, sql: string, params: unknown[]): Promise<() => Promise<void>> => {
  await actor.begin();
  expect(await actor.run(`${sql} for update`, params)).toHaveLength(1);
  return actor.commit;
};

/** New ids in the order in which the verbs lock: ids of one millisecond are in none, and who meets whom would be left to chance. */
const newIds = (count: number): string[] => Array.from({ length: count }, () => uuidV7()).toSorted();

const openSessions = async (count: number): Promise<string[]> => {
  const sessions: string[] = [];
  for (let place = 0; place < count; place++) sessions.push(await arena.openSession());
  return sessions.toSorted();
};

describe('B-41: no deadlock between', () => {
  test('a rescue and a time-out of the same jobs', async () => {
    const [worker, rescuer, timer, holder] = await arena.addActors(4);
    const session = await arena.openSession();
    const ids = await worker!.submit(newIds(2).map((id) => ({ id, timeout_seconds: 1 })));
    await worker!.claim(session, 2);
    await arena.clock.advance(60);

    const letGo = await holdRow(holder!, 'select from longshore.jobs where id = $1', [ids[0]]);
    const rescued = rescuer!.rescue([session]);
    const timedOut = timer!.timeOut();
    const endedMeanwhile = (await rescued) + (await timedOut);
    await letGo();

    expect(endedMeanwhile + (await timer!.timeOut())).toBe(2);
    await worker!.cancel(ids);
  });

  test('a heartbeat that returns strays and a time-out of the same jobs', async () => {
    const [worker, beater, timer, holder] = await arena.addActors(4);
    const session = await arena.openSession();
    const ids = await worker!.submit(newIds(2).map((id) => ({ id, timeout_seconds: 1 })));
    await worker!.claim(session, 2);
    await arena.clock.advance(60);

    const letGo = await holdRow(holder!, 'select from longshore.jobs where id = $1', [ids[1]]);
    const beat = beater!.heartbeat([{ sessionId: session, held: [] }]);
    await Promise.race([beat, arena.untilBlocked(beater!)]);
    const timedOut = timer!.timeOut();
    await Promise.race([timedOut, arena.untilBlocked(timer!)]);
    await letGo();

    await Promise.all([beat, timedOut]);
    await worker!.cancel(ids);
  });

  test('a heartbeat that returns strays of two sessions and a cancel of both', async () => {
    const [worker, beater, canceller, holder] = await arena.addActors(4);
    const [first, second] = (await openSessions(2)) as [string, string];
    const ids = await worker!.submit(newIds(2).map((id) => ({ id })));
    await worker!.claim(second, 1);
    await worker!.claim(first, 1);
    await arena.clock.advance(11);

    const letGo = await holdRow(holder!, 'select from longshore.worker_sessions where id = $1', [second]);
    const beat = beater!.heartbeat([first, second].map((sessionId) => ({ sessionId, held: [] })));
    await arena.untilBlocked(beater!);
    const cancelled = canceller!.cancel(ids);
    await Promise.race([cancelled, arena.untilBlocked(canceller!)]);
    await letGo();

    await Promise.all([beat, cancelled]);
    await worker!.closeSession(first);
    await worker!.closeSession(second);
    await worker!.cancel(ids);
  });

  test('a claim for two sessions and the revocation of their worker', async () => {
    const [claimer, revoker, holder] = await arena.addActors(3);
    const sessions = await openSessions(3);
    const letGo = await holdRow(holder!, 'select from longshore.worker_sessions where id = $1', [
      sessions[1],
    ]);
    const revoked = revoker!.run(
      'select longshore.revoke_worker(org_id, worker_id) from longshore.worker_sessions where id = $1',
      [sessions[0]],
    );
    await arena.untilBlocked(revoker!);
    const claimed = claimer!.claimFor(sessions.toReversed(), 1);
    await arena.untilBlocked(claimer!);
    await letGo();
    await revoked;
    expect(await claimed).toEqual([]);
  });

  test('parents that complete and children that are cancelled', async () => {
    const [worker, canceller, holder] = await arena.addActors(3);
    const session = await arena.openSession();
    const parents = await worker!.submit(newIds(3).map((id) => ({ id })));
    const held = await worker!.claim(session, 3);
    // Each way round: the tie of the first parent belongs to the last child.
    const waiting = newIds(3).map((id, place) => ({ id, depends_on: [parents[2 - place]!] }));
    const children = await worker!.submit(waiting);

    const letGo = await holdRow(holder!, 'select from longshore.job_dependencies where parent_id = $1', [
      parents[1],
    ]);
    const completed = worker!.complete(held);
    await arena.untilBlocked(worker!);
    const cancelled = canceller!.cancel([children[0]!, children[2]!]);
    await Promise.race([cancelled, arena.untilBlocked(canceller!)]);
    await letGo();

    expect(await completed).not.toContainEqual(expect.objectContaining({ is_accepted: false }));
    expect(await cancelled).toHaveLength(2);
    await worker!.cancel(children);
    await worker!.unblock();
  });
});
