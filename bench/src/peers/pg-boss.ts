import { PgBoss } from 'pg-boss';
import { noopPayload } from '../jobs.ts';
import { createOwnDatabase } from '../own-database.ts';
import { readSql } from '../sql-file.ts';
import type { Subject } from '../subject.ts';
import { peerWorker } from './peer-worker.ts';
import { versionOf } from './versions.ts';

const settle = readSql('./checkpoint.sql', import.meta.url);

/** pg-boss with large batches; only the stamps' queue has its NOTIFY, which halves what it takes in one by one. */
export const openPgBoss = async (serverUrl: string): Promise<Subject> => {
  const database = await createOwnDatabase(serverUrl, 'pg-boss');
  const boss = new PgBoss({ connectionString: database.url, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(`pg-boss: ${String(error)}`));
  await boss.start();
  await boss.createQueue('noop');
  await boss.createQueue('stamp', { notify: true });
  return {
    name: 'pg-boss',
    version: versionOf('pg-boss'),
    settings:
      '2 workers with batches of 2,000, fetched without a pause while they are full; NOTIFY for pickups alone',
    serverPids: [],
    submitOne: () => boss.send('noop', noopPayload),
    submitMany: (count) =>
      boss.insert(
        'noop',
        Array.from({ length: count }, () => ({ data: noopPayload })),
      ),
    submitStamp: () => boss.send('stamp', {}),
    startWorker: peerWorker('./pg-boss-process.ts', import.meta.url, { DATABASE_URL: database.url }),
    clear: async () => {
      await boss.deleteAllJobs();
      await database.pool.query(settle);
    },
    close: async () => {
      await boss.stop({ graceful: false });
      await database.drop();
    },
  };
};
