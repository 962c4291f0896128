import { describe, expect, test } from 'vitest';
import type { Claimed } from './actor.ts';
import { useArena } from './use-arena.ts';

const arena = useArena();

describe('B-51: a claim', () => {
  test('takes no more than it asked for', async () => {
    const [actor] = await arena.addActors(1);
    const session = await arena.openSession();
    const ids = await actor!.submit(Array.from({ length: 10 }, () => ({})));
    expect(await actor!.claim(session, 1)).toMatchObject([{ id: ids[0] }]);
    expect(await actor!.claim(session, 3)).toHaveLength(3);
    await actor!.closeSession(session);
    await actor!.cancel(ids);
  });
});

describe('B-52: 64 claimers with batches of 16 on 1,000 jobs', () => {
  test('get each job once', async () => {
    const actors = await arena.addActors(16);
    const session = await arena.openSession();
    const ids = await actors[0]!.submit(Array.from({ length: 1_000 }, () => ({})));
    const claims: Claimed[] = [];
    const claimer = async (place: number): Promise<void> => {
      for (;;) {
        const jobs = await actors[place % 16]!.claim(session, 16);
        if (jobs.length === 0) return;
        claims.push(...jobs);
      }
    };
    await Promise.all(Array.from({ length: 64 }, (_, place) => claimer(place)));

    expect(claims.map(({ id }) => id).sort()).toEqual(ids.toSorted());
    expect(new Set(claims.map(({ lease_token }) => lease_token)).size).toBe(1_000);
    expect(claims.every(({ epoch, attempt }) => epoch === 1 && attempt === 1)).toBe(true);
    expect(await actors[0]!.complete(claims)).toEqual([]);
  });
});

describe('B-53: claims at the same time', () => {
  test('wait for one another neither for jobs nor for their session: each takes the next that is free', async () => {
    const claimers = await arena.addActors(8);
    const session = await arena.openSession();
    const ids = await claimers[0]!.submit(Array.from({ length: 80 }, () => ({})));
    const claims: Claimed[][] = [];
    for (const claimer of claimers) {
      await claimer.begin();
      claims.push(await claimer.claim(session, 10));
    }
    for (const claimer of claimers) await claimer.commit();

    const shares = claims.map((claim) => new Set(claim.map(({ id }) => id)));
    expect(shares).toEqual(claimers.map((_, place) => new Set(ids.slice(10 * place, 10 * place + 10))));
    expect(await claimers[0]!.complete(claims.flat())).toEqual([]);
  });
});

describe('a claim that commits while its session ends', () => {
  test('is waited for by a rescue that comes later: no job stays with a dead session', async () => {
    const [claimer, rescuer] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await claimer!.submit([{}]);
    await arena.silence(session);

    await claimer!.begin();
    await claimer!.claim(session, 1);
    expect(await rescuer!.rescue([session])).toBe(0);
    await claimer!.commit();

    expect(await rescuer!.rescue([session])).toBe(1);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'available', rescues: 1 });
    await rescuer!.cancel([id!]);
  });

  test('gets nothing when the rescue came first', async () => {
    const [claimer, rescuer] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await claimer!.submit([{}]);
    await arena.silence(session);

    await rescuer!.begin();
    await rescuer!.rescue([session]);
    const claimed = claimer!.claim(session, 1);
    await arena.untilBlocked(claimer!);
    await rescuer!.commit();

    expect(await claimed).toEqual([]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'available', epoch: 0 });
    await rescuer!.cancel([id!]);
  });

  test('gives its jobs back when the session says goodbye meanwhile', async () => {
    const [claimer, closer] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await claimer!.submit([{}]);

    await claimer!.begin();
    await claimer!.claim(session, 1);
    const closed = closer!.closeSession(session);
    await arena.untilBlocked(closer!);
    await claimer!.commit();

    expect(await closed).toBe(1);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'available', attempt: 0 });
    await closer!.cancel([id!]);
  });

  test('gets nothing when the goodbye came first', async () => {
    const [claimer, closer] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await claimer!.submit([{}]);

    await closer!.begin();
    await closer!.closeSession(session);
    const claimed = claimer!.claim(session, 1);
    await arena.untilBlocked(claimer!);
    await closer!.commit();

    expect(await claimed).toEqual([]);
    await closer!.cancel([id!]);
  });
});

describe('a claim whose answer was lost', () => {
  test('goes back unspent with a heartbeat after the grace, and not before', async () => {
    const [actor] = await arena.addActors(1);
    const session = await arena.openSession();
    const [id] = await actor!.submit([{}]);
    await actor!.claim(session, 1);
    await actor!.heartbeat([{ sessionId: session, held: [] }]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'running' });

    await arena.clock.advance(11);
    await actor!.heartbeat([{ sessionId: session, held: [] }]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'available', attempt: 0, epoch: 1 });
    await actor!.cancel([id!]);
  });

  test('is known from those whose answers arrived', async () => {
    const [actor] = await arena.addActors(1);
    const session = await arena.openSession();
    await actor!.submit([{}, {}, {}]);
    const kept = await actor!.claim(session, 2);
    const [lost] = await actor!.claim(session, 1);
    await arena.clock.advance(11);
    expect(await actor!.heartbeat([{ sessionId: session, held: kept }])).toMatchObject([{ lost: [] }]);

    expect(await arena.readJob(lost!.id)).toMatchObject({ state: 'available' });
    expect(await actor!.complete(kept)).toEqual([]);
    await actor!.cancel([lost!.id]);
  });

  test('has its whole grace although the session held the same job before', async () => {
    const [actor] = await arena.addActors(1);
    const session = await arena.openSession();
    const [id] = await actor!.submit([{}]);
    await actor!.release(await actor!.claim(session, 1));
    await arena.clock.advance(11);
    const again = await actor!.claim(session, 1);
    await actor!.heartbeat([{ sessionId: session, held: [] }]);

    expect(await arena.readJob(id!)).toMatchObject({ state: 'running', epoch: 2 });
    expect(await actor!.complete(again)).toEqual([]);
  });

  test('stays finished when the finish commits while the heartbeat takes it for lost', async () => {
    const [worker, beater] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await worker!.submit([{}]);
    const held = await worker!.claim(session, 1);
    await arena.clock.advance(11);

    await worker!.begin();
    await worker!.complete(held, 'done');
    const beat = beater!.heartbeat([{ sessionId: session, held: [] }]);
    await Promise.race([beat, arena.untilBlocked(beater!)]);
    await worker!.commit();
    await beat;
    expect(await arena.readJob(id!)).toMatchObject({ state: 'completed', result: 'done' });
  });

  test('goes back with a later heartbeat when somebody else had the job locked', async () => {
    const [actor, other] = await arena.addActors(2);
    const session = await arena.openSession();
    const [id] = await actor!.submit([{}]);
    const held = await actor!.claim(session, 1);
    await arena.clock.advance(11);

    await other!.begin();
    await other!.complete(held);
    const beat = actor!.heartbeat([{ sessionId: session, held: [] }]);
    await Promise.race([beat, arena.untilBlocked(actor!)]);
    await other!.rollback();
    await beat;
    await actor!.heartbeat([{ sessionId: session, held: [] }]);
    expect(await arena.readJob(id!)).toMatchObject({ state: 'available', attempt: 0 });
    await actor!.cancel([id!]);
  });
});
