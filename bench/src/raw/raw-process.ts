import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@longshore/db';
import { readSql } from '../sql-file.ts';
import { createTally, nowMs, readWorkerSettings, tellReady, tellStamp } from '../worker-lines.ts';

/** A process that claims and finishes batches straight on the database, as fast as it answers. */
const { concurrency, jobs } = readWorkerSettings();
const batchSize = Math.min(concurrency, 500);
const connections = 2;
const idlePauseMs = 2;

const claim = readSql('./claim-jobs.sql', import.meta.url);
const finish = readSql('./finish-jobs.sql', import.meta.url);
const { pool, close } = connect({ url: process.env.DATABASE_URL!, poolSize: connections });
const tally = createTally(jobs);
let isStopping = false;

interface ClaimedJob {
  id: string;
  kind: string;
}

const workBatch = async (): Promise<number> => {
  const leaseToken = randomUUID();
  const { rows } = await pool.query<ClaimedJob>({
    name: 'claim',
    text: claim,
    values: [batchSize, leaseToken],
  });
  if (rows.length === 0) return 0;
  for (const { kind } of rows) if (kind === 'stamp') tellStamp(nowMs());
  const ids = rows.map(({ id }) => id);
  await pool.query({ name: 'finish', text: finish, values: [ids, leaseToken, '{"ok":true}'] });
  return rows.length;
};

const workUntilStopped = async (): Promise<void> => {
  while (!isStopping) {
    const worked = await workBatch();
    if (worked === 0) await pause(idlePauseMs);
    else tally.add(worked);
  }
};

const working = Promise.all(Array.from({ length: connections }, workUntilStopped));
tellReady(async () => {
  isStopping = true;
  await working;
  await close();
});
