import { useDatabase } from '@longshore/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Database } from './connect.ts';
import { inOrg } from './org-scope.ts';

const database = useDatabase();
let db: Database;
let cutLine: () => void;

beforeAll(() => {
  db = connect({ url: database.apiUrl, poolSize: 1 });
  db.pool.on('connect', (client) => {
    cutLine = () => void client.connection.stream.destroy(new Error('cut'));
  });
});
afterAll(() => db.close());

// Found by the chaos suite: the rollback on a connection that is gone fails too, and it was that which callers were told of.
test('a transaction that loses its connection may be tried again', async () => {
  const losing = inOrg(db, 0, async (transaction) => {
    cutLine();
    await sql`select 1`.execute(transaction);
  });

  await expect(losing).rejects.toMatchObject({ code: 'UNAVAILABLE', isRetryable: true });
});
