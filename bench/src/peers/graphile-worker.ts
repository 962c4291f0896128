import { makeWorkerUtils } from 'graphile-worker';
import { noopPayload } from '../jobs.ts';
import { createOwnDatabase } from '../own-database.ts';
import { readSql } from '../sql-file.ts';
import type { Subject } from '../subject.ts';
import { peerWorker } from './peer-worker.ts';
import { versionOf } from './versions.ts';

const clear = readSql('./clear-graphile-worker.sql', import.meta.url);

/** graphile-worker, as it comes or with its local queue and batched completions. It keeps no results and no history. */
export const openGraphileWorker = async (serverUrl: string, isBatched: boolean): Promise<Subject> => {
  const name = isBatched ? 'graphile-worker batched' : 'graphile-worker';
  const database = await createOwnDatabase(serverUrl, name);
  const utils = await makeWorkerUtils({ connectionString: database.url });
  await utils.migrate();
  return {
    name,
    version: versionOf('graphile-worker'),
    settings: isBatched ? 'localQueue 500, batched completions, 24 jobs at a time' : '24 jobs at a time',
    serverPids: [],
    submitOne: () => utils.addJob('noop', noopPayload),
    submitMany: (count) =>
      utils.addJobs(Array.from({ length: count }, () => ({ identifier: 'noop', payload: noopPayload }))),
    submitStamp: () => utils.addJob('stamp', {}),
    startWorker: peerWorker('./graphile-process.ts', import.meta.url, {
      DATABASE_URL: database.url,
      IS_BATCHED: isBatched ? '1' : '',
    }),
    clear: () => database.pool.query(clear).then(() => {}),
    close: async () => {
      await utils.release();
      await database.drop();
    },
  };
};
