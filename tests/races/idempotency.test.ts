import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { useArena } from './use-arena.ts';

const arena = useArena();

describe('B-32: a job with an idempotency key', () => {
  test('that fails five times is retried each time, and is never refused as its own duplicate', async () => {
    const [actor] = await arena.addActors(1);
    const session = await arena.openSession();
    const job = { idempotency_key: 'unlucky', max_attempts: 6 };
    const [id] = await actor!.submit([job]);
    for (let attempt = 1; attempt <= 5; attempt++) {
      const held = await actor!.claim(session, 1);
      expect(held).toMatchObject([{ id, attempt }]);
      expect(await actor!.fail(held)).toMatchObject([{ id, state: 'available', is_accepted: true }]);
      expect(await actor!.submit([job])).toEqual([id]);
    }
    const held = await actor!.claim(session, 1);
    expect(await actor!.complete(held, 'at last')).toEqual([]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'completed', attempt: 6 });
    expect(await actor!.submit([job])).toEqual([id]);
  });

  test('that failed for good comes back by retry as the same job', async () => {
    const [actor] = await arena.addActors(1);
    const session = await arena.openSession();
    const job = { idempotency_key: 'revived', max_attempts: 1 };
    const [id] = await actor!.submit([job]);
    expect(await actor!.fail(await actor!.claim(session, 1))).toMatchObject([{ state: 'failed' }]);
    expect(await actor!.retry([id!])).toMatchObject([{ state: 'available', is_accepted: true }]);
    expect(await actor!.submit([job])).toEqual([id]);
    expect(await actor!.complete(await actor!.claim(session, 1))).toEqual([]);
  });
});

describe('B-34: 64 submitters with one key while a pruner removes it', () => {
  test('never meet an error, and at most one job of the key lives', async () => {
    const submitters = await arena.addActors(16);
    const [worker, pruner] = await arena.addActors(2);
    const session = await arena.openSession();
    const job = { idempotency_key: 'contested', idempotency_key_seconds: 1 };
    const holders = new Set<string>();

    for (let round = 0; round < 8; round++) {
      let isDone = false;
      const pruning = (async () => {
        while (!isDone) {
          await pruner!.run('select longshore.prune_rows(30, 1000)');
          await nextTurn();
        }
      })();
      const answers = await Promise.all(
        Array.from({ length: 64 }, (_, place) => submitters[place % 16]!.submit([job])),
      );
      isDone = true;
      await pruning;

      const ids = new Set(answers.flat());
      expect(ids.size).toBe(1);
      const live = await arena.database.query<{ id: string }>(
        "select id from longshore.jobs where idempotency_key = 'contested'",
      );
      expect(live.map(({ id }) => id)).toEqual([...ids]);
      for (const id of ids) holders.add(id);
      expect(await worker!.complete(await worker!.claim(session, 10))).toEqual([]);
      await arena.clock.advance(60);
    }
    expect(holders.size).toBe(8);
  });
});

describe('a submit whose answer was lost, sent again with the same id', () => {
  test('meets the job that is finishing at that moment, and makes no second one', async () => {
    const [worker, caller] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await caller!.submit([{}]);
    const held = await worker!.claim(session, 1);

    await worker!.begin();
    await worker!.complete(held, 'once');
    const repeat = caller!.submit([{ id: id! }]);
    await arena.untilBlocked(caller!);
    await worker!.commit();

    expect(await repeat).toEqual([id]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'completed', result: 'once' });
    expect(await worker!.claim(session, 1)).toEqual([]);
  });

  test('meets the job that another submit is inserting at that moment', async () => {
    const [one, other] = await arena.addActors(2);
    const session = await arena.openSession();
    const id = '01890000-0000-7000-8000-000000000001';
    await one!.begin();
    await one!.submit([{ id }]);
    const repeat = other!.submit([{ id }]);
    await arena.untilBlocked(other!);
    await one!.commit();
    expect(await repeat).toEqual([id]);
    expect(await one!.complete(await one!.claim(session, 2))).toEqual([]);
  });
});
