import { eventually, useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Database } from './connect.ts';
import { type Notice, parseNotice } from './notices.ts';
import { createNotifier } from './notifier.ts';

const database = useDatabase();
let db: Database;
const heard: number[][] = [];
const orgIdsOf = (notice: Notice | null): number[] => (notice && 'orgIds' in notice ? notice.orgIds : []);

beforeAll(async () => {
  db = connect({ url: database.url, poolSize: 2 });
  const client = await database.connect();
  client.on('notification', ({ payload }) => heard.push(orgIdsOf(parseNotice(payload ?? ''))));
  await client.query('listen longshore');
});
afterAll(() => db.close());

describe('the notifier', () => {
  test('B-39: sends the first wake at once and gathers those that come during the gap', async () => {
    heard.length = 0;
    const notifier = createNotifier({ db, minGapMs: 60_000 });
    notifier.wake(1);
    await eventually(() => heard.length === 1);
    for (let wake = 0; wake < 1_000; wake++) notifier.wake(2 + (wake % 3));
    await notifier.stop();
    await eventually(() => heard.length === 2);
    expect(heard).toEqual([[1], [2, 3, 4]]);
  });

  test('sends both kinds of news together, and every org of a change', async () => {
    heard.length = 0;
    const notifier = createNotifier({ db, minGapMs: 60_000 });
    notifier.wake(1);
    await eventually(() => heard.length === 1);
    const orgIds = Array.from({ length: 1_000 }, (_, orgId) => orgId);
    for (const orgId of orgIds) notifier.changed(orgId);
    notifier.wake(5);
    await notifier.stop();
    await eventually(() => heard.length === 4);
    expect(heard.slice(1)).toEqual([orgIds.slice(0, 600), orgIds.slice(600), [5]]);
  });

  test('sends what waits when it is flushed, and nothing when nothing waits', async () => {
    heard.length = 0;
    const notifier = createNotifier({ db, minGapMs: 60_000 });
    await notifier.flush();
    notifier.wake(7);
    await notifier.stop();
    await eventually(() => heard.length === 1);
    expect(heard).toEqual([[7]]);
  });

  test('a database that is away costs notices, never an error', async () => {
    const away = connect({ url: 'postgres://nobody@127.0.0.1:1/none' });
    const notifier = createNotifier({ db: away });
    notifier.wake(1);
    await notifier.stop();
    await away.close();
  });
});
