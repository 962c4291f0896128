import { createPostgresBackend, Queue } from 'bullmq';
import { createOwnDatabase } from '../own-database.ts';
import { readSql } from '../sql-file.ts';
import type { Subject } from '../subject.ts';
import { bullmqVerbs } from './bullmq-verbs.ts';
import { peerWorker } from './peer-worker.ts';
import { versionOf } from './versions.ts';

const clear = readSql('./clear-bullmq.sql', import.meta.url);

/** BullMQ on its PostgreSQL backend, straight on the database. */
export const openBullmqOnPostgres = async (serverUrl: string): Promise<Subject> => {
  const database = await createOwnDatabase(serverUrl, 'bullmq postgres');
  const queue = new Queue(
    'bench',
    { connection: { connectionString: database.url, migrate: true } },
    createPostgresBackend,
  );
  await queue.waitUntilReady();
  return {
    name: 'bullmq postgres',
    version: versionOf('bullmq'),
    settings: 'its PostgreSQL backend; 16 jobs at a time on 16 connections, keeps all',
    serverPids: [],
    ...bullmqVerbs(queue),
    startWorker: peerWorker('./bullmq-process.ts', import.meta.url, { DATABASE_URL: database.url }),
    clear: () => database.pool.query(clear).then(() => {}),
    close: async () => {
      await queue.close();
      await database.drop();
    },
  };
};
