import { describe, expect, test } from 'vitest';
import { useArena } from './use-arena.ts';

const arena = useArena();

describe('B-08: two parents that finish at once in two transactions', () => {
  test('release their child exactly once, whoever commits first', async () => {
    const [one, other] = await arena.addActors(2);
    const session = await arena.openSession();
    const parents = await one!.submit([{}, {}]);
    const [child] = await one!.submit([{ depends_on: parents }]);
    const [first, second] = await one!.claim(session, 2);

    await one!.begin();
    await other!.begin();
    expect(await one!.complete([first!])).toMatchObject([{ is_accepted: true, has_dependants: true }]);
    expect(await other!.complete([second!])).toMatchObject([{ is_accepted: true, has_dependants: true }]);
    await other!.commit();
    await other!.unblock();
    expect(await arena.readJob(child!)).toMatchObject({ state: 'blocked' });
    await one!.commit();

    const released = await Promise.all([one!.unblock(), other!.unblock()]);
    expect(released.toSorted()).toEqual([0, 1]);
    expect(await one!.claim(session, 2)).toMatchObject([{ id: child, attempt: 1 }]);
    await one!.closeSession(session);
    await one!.cancel([child!]);
  });

  test('cancel the child when the one that fails commits while the other’s release is under way', async () => {
    const [worker, releaser, holder] = await arena.addActors(3);
    const session = await arena.openSession();
    const [good, bad, doomed] = await worker!.submit([{}, {}, {}]);
    const held = await worker!.claim(session, 3);
    const leaseOf = (id: string) => held.filter((lease) => lease.id === id);
    const [child, sibling] = await worker!.submit([{ depends_on: [good!, bad!] }, { depends_on: [doomed!] }]);
    const [grandchild] = await worker!.submit([{ depends_on: [sibling!] }]);
    await worker!.complete(leaseOf(good!));
    await worker!.fail(leaseOf(doomed!), { isRetryable: false });

    // The release stops while it cancels the sibling, which it does after it has looked at how the parents ended.
    await holder!.begin();
    await holder!.run('select from longshore.job_dependencies where job_id = $1 for update', [grandchild]);
    const released = releaser!.unblock();
    await arena.untilBlocked(releaser!);
    await worker!.fail(leaseOf(bad!), { isRetryable: false });
    await holder!.commit();
    await released;
    while ((await releaser!.unblock()) > 0);

    expect(await arena.readJob(child!)).toMatchObject({ state: 'cancelled' });
    expect(await arena.readJob(grandchild!)).toMatchObject({ state: 'cancelled' });
  });
});

describe('a parent that finishes while its child is submitted', () => {
  test('lets the child go, though the submit saw it alive', async () => {
    const [worker, submitter] = await arena.addActors(2);
    const session = await arena.openSession();
    const [parent] = await worker!.submit([{}]);
    const held = await worker!.claim(session, 1);

    await submitter!.begin();
    const [child] = await submitter!.submit([{ depends_on: [parent!] }]);
    const completed = worker!.complete(held);
    await arena.untilBlocked(worker!);
    await submitter!.commit();
    expect(await completed).toMatchObject([{ has_dependants: true }]);

    expect(await worker!.unblock()).toBe(1);
    expect(await arena.readJob(child!)).toMatchObject({ state: 'available' });
    await worker!.cancel([child!]);
  });

  test('lets the child go, though the submit had to wait for the finish', async () => {
    const [worker, submitter] = await arena.addActors(2);
    const session = await arena.openSession();
    const [parent] = await worker!.submit([{}]);
    const held = await worker!.claim(session, 1);

    await worker!.begin();
    await worker!.complete(held);
    const submitted = submitter!.submit([{ depends_on: [parent!] }]);
    await arena.untilBlocked(submitter!);
    await worker!.commit();
    const [child] = await submitted;

    expect(await submitter!.unblock()).toBe(1);
    expect(await arena.readJob(child!)).toMatchObject({ state: 'available' });
    await worker!.cancel([child!]);
  });
});

describe('the last two jobs of a batch that finish at once', () => {
  test('release its follower exactly once', async () => {
    const [one, other] = await arena.addActors(2);
    const session = await arena.openSession();
    await one!.submit([{ batch_id: 'pair' }, { batch_id: 'pair' }]);
    const [follower] = await one!.submit([{ after_batch: 'pair' }]);
    const [first, second] = await one!.claim(session, 2);

    await one!.begin();
    await other!.begin();
    expect(await one!.complete([first!])).toMatchObject([{ has_dependants: true }]);
    expect(await other!.complete([second!])).toMatchObject([{ has_dependants: true }]);
    await one!.commit();
    expect(await one!.unblock()).toBe(0);
    expect(await arena.readJob(follower!)).toMatchObject({ state: 'blocked' });
    await other!.commit();

    const released = await Promise.all([one!.unblock(), other!.unblock()]);
    expect(released.toSorted()).toEqual([0, 1]);
    expect(await one!.claim(session, 2)).toMatchObject([{ id: follower }]);
    await one!.closeSession(session);
    await one!.cancel([follower!]);
  });

  test('release a follower that is submitted between them', async () => {
    const [worker, submitter] = await arena.addActors(2);
    const session = await arena.openSession();
    await worker!.submit([{ batch_id: 'late' }]);
    const held = await worker!.claim(session, 1);

    await submitter!.begin();
    const [follower] = await submitter!.submit([{ after_batch: 'late' }]);
    await worker!.complete(held);
    await worker!.unblock();
    await submitter!.commit();
    await submitter!.unblock();

    expect(await arena.readJob(follower!)).toMatchObject({ state: 'available' });
    await worker!.cancel([follower!]);
  });
});
