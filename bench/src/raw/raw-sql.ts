import { noopPayload } from '../jobs.ts';
import { createOwnDatabase } from '../own-database.ts';
import { peerWorker } from '../peers/peer-worker.ts';
import { readSql } from '../sql-file.ts';
import type { Subject } from '../subject.ts';

const schema = readSql('./schema.sql', import.meta.url);
const insert = readSql('./insert-jobs.sql', import.meta.url);
const clear = readSql('./clear.sql', import.meta.url);

/** The limit: three statements from Node, no queue round them. `concurrency` is the size of a batch, at most 500. */
export const openRawSql = async (serverUrl: string): Promise<Subject> => {
  const database = await createOwnDatabase(serverUrl, 'raw sql');
  await database.pool.query(schema);
  const submit = (kind: string, payloads: unknown[]): Promise<unknown> =>
    database.pool.query({ name: 'insert_jobs', text: insert, values: [kind, JSON.stringify(payloads)] });
  const { rows } = await database.pool.query<{ server_version: string }>('show server_version');
  return {
    name: 'raw sql',
    version: `PostgreSQL ${rows[0]!.server_version}`,
    settings: 'one table and a history, batches of up to 500 on 2 connections',
    serverPids: [],
    submitOne: () => submit('noop', [noopPayload]),
    submitMany: (count) =>
      submit(
        'noop',
        Array.from({ length: count }, () => noopPayload),
      ),
    submitStamp: () => submit('stamp', [{}]),
    startWorker: peerWorker('./raw-process.ts', import.meta.url, { DATABASE_URL: database.url }),
    clear: () => database.pool.query(clear).then(() => {}),
    close: () => database.drop(),
  };
};
