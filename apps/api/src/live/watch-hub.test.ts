import type { JobPlace } from '@longshore/db';
import { eventually } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { createWatchHub, type WatchHub } from './watch-hub.ts';

let hub: WatchHub | undefined;
afterEach(() => hub?.close());

/** A hub over marks that the test sets. */
const setUp = () => {
  const marks = new Map<string, { mark: string; isFinal: boolean }>();
  const asked: number[] = [];
  const made = createWatchHub({
    watchJobs: async (jobs) => {
      asked.push(jobs.length);
      return jobs.flatMap(({ orgId, id, mark }) => {
        const now = marks.get(`${orgId} ${id}`);
        return now && now.mark !== mark ? [{ orgId, id, ...now }] : [];
      });
    },
    onError: () => {},
    pollMs: 1,
  });
  hub = made;
  const set = ({ orgId, id }: JobPlace, mark: string, isFinal = false) =>
    marks.set(`${orgId} ${id}`, { mark, isFinal });
  return { hub: made, asked, set };
};

/** Counts how often somebody is told. */
const countChanges = (places: JobPlace[], options?: { finalOnly: boolean }) => {
  const counted = { changes: 0 };
  const following = hub!.follow(places, options);
  const listen = async (): Promise<void> => {
    while (!following.isOver) {
      await following.nextChange();
      if (!following.isOver) counted.changes += 1;
    }
  };
  void listen();
  return { counted, following };
};

const place = (id: string, orgId = 1): JobPlace => ({ orgId, id });

test('all that is followed is asked for in one statement, a job that many follow once', async () => {
  const { asked } = setUp();
  for (let job = 0; job < 500; job++) {
    countChanges([place(`job ${job}`)]);
    countChanges([place(`job ${job}`)]);
  }
  await eventually(() => asked.length >= 3);
  expect(new Set(asked)).toEqual(new Set([500]));
});

test('a change on another process is told once, and each change anew', async () => {
  const { set, asked } = setUp();
  const { counted } = countChanges([place('a')]);
  const looksMore = async () => {
    const before = asked.length;
    await eventually(() => asked.length >= before + 3);
  };
  set(place('a'), 'first');
  await looksMore();
  expect(counted.changes).toBe(1);
  set(place('a'), 'second');
  await looksMore();
  expect(counted.changes).toBe(2);
});

test('a change on this process is told at once, to those who follow that job of that org', async () => {
  const { hub } = setUp();
  const mine = countChanges([place('a'), place('b')]);
  const theirs = countChanges([place('a', 2)]);
  hub.noteChanged(1, ['a', 'c']);
  await new Promise(setImmediate);
  expect(mine.counted.changes).toBe(1);
  expect(theirs.counted.changes).toBe(0);
});

test('whoever waits for the end is not told before', async () => {
  const { hub, set, asked } = setUp();
  const { counted } = countChanges([place('a')], { finalOnly: true });
  set(place('a'), 'running');
  hub.noteChanged(1, ['a']);
  await eventually(() => asked.length >= 2);
  expect(counted.changes).toBe(0);
  set(place('a'), 'completed', true);
  await eventually(() => counted.changes === 1);
});

test('following ends with whoever follows and with the process', async () => {
  const { hub, asked } = setUp();
  const { following } = countChanges([place('a')]);
  await eventually(() => asked.length > 0);
  following.end();
  expect(following.isOver).toBe(true);
  const last = countChanges([place('b')]);
  hub.close();
  await last.following.nextChange();
  expect(last.following.isOver).toBe(true);
  expect(hub.follow([place('c')]).isOver).toBe(true);
});
