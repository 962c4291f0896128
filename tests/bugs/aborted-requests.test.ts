import { createAdminClient } from '@longshore/sdk';
import { eventually, useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';

const poolSize = 4;
const api = useApi({ env: { LONGSHORE_POOL_SIZE: String(poolSize) } });

/** Connections of the API that are at this moment in a transaction, whatever they do in it. */
const inTransaction = async (): Promise<number> => {
  const rows = await api.database.query(
    `select from pg_stat_activity
     where application_name = 'longshore-api' and datname = current_database() and state <> 'idle'`,
  );
  return rows.length;
};

/** Sends a call that its caller gives up with the signal; true when it was answered all the same. */
const pauseQueue = (signal: AbortSignal): Promise<boolean> =>
  fetch(`${api.url}/trpc/queues.pause`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.keys.admin}`, 'content-type': 'application/json' },
    body: JSON.stringify({ queue: 'held' }),
    signal,
  }).then(
    () => true,
    () => false,
  );

test('B-24: requests that are given up amid their transaction leave no connection in one, and none missing', async () => {
  const admin = createAdminClient({ url: api.url, apiKey: api.keys.admin });
  await admin.queues.pause('held');
  const holder = await api.database.connect();
  for (let round = 0; round < 5; round++) {
    const giveUp = new AbortController();
    await holder.query('begin');
    await holder.query("select from longshore.queues where name = 'held' for update");
    const calls = Array.from({ length: 40 }, () => pauseQueue(giveUp.signal));
    await eventually(async () => (await inTransaction()) > 0, { pollMs: 2 });
    giveUp.abort();
    expect(await Promise.all(calls)).toContain(false);
    await holder.query('rollback');
  }

  await eventually(async () => (await inTransaction()) === 0);
  // More at once than the pool holds: each connection of it is asked for, and comes back.
  await Promise.all(Array.from({ length: 4 * poolSize }, () => admin.queues.resume('held')));
  const connections = await api.database.query(
    "select from pg_stat_activity where application_name = 'longshore-api' and datname = current_database()",
  );
  expect(connections.length).toBeLessThanOrEqual(poolSize);
});
