import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@longshore/db';

/** Readers that keep PostgreSQL from clearing anything away: one idle in its transaction, two that go on reading in theirs. */
export const holdSnapshots = async (databaseUrl: string): Promise<{ letGo(): Promise<void> }> => {
  const { pool, close } = connect({ url: databaseUrl, poolSize: 3, statementTimeoutMs: 600_000 });
  const stopping = new AbortController();
  const readers = await Promise.all(Array.from({ length: 3 }, () => pool.connect()));
  for (const reader of readers) {
    await reader.query('set idle_in_transaction_session_timeout = 0');
    await reader.query('begin isolation level repeatable read');
    await reader.query('select count(*) from longshore.orgs');
  }
  const reading = readers.slice(1).map(async (reader) => {
    while (!stopping.signal.aborted) {
      await reader.query('select count(*) from longshore.worker_sessions');
      await delay(100);
    }
  });
  return {
    letGo: async () => {
      stopping.abort();
      await Promise.all(reading);
      for (const reader of readers) {
        await reader.query('rollback');
        reader.release();
      }
      await close();
    },
  };
};
