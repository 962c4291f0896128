import { openBullmqOnPostgres } from './peers/bullmq-postgres.ts';
import { openBullmqOnRedis } from './peers/bullmq-redis.ts';
import { openGraphileWorker } from './peers/graphile-worker.ts';
import { openPgBoss } from './peers/pg-boss.ts';
import { openRawSql } from './raw/raw-sql.ts';
import { openLongshore } from './stack.ts';
import type { Subject } from './subject.ts';

export interface SubjectEntry {
  name: string;
  /** Opens it on a database of its own. Throws MissingSubject when this machine lacks what it needs. */
  open(bench: { databaseUrl: string }): Promise<Subject>;
}

/** All that are measured, in the order of the tables; ours is the first. */
export const subjects: readonly SubjectEntry[] = [
  { name: 'longshore', open: ({ databaseUrl }) => openLongshore(databaseUrl) },
  { name: 'graphile-worker', open: ({ databaseUrl }) => openGraphileWorker(databaseUrl, false) },
  { name: 'graphile-worker batched', open: ({ databaseUrl }) => openGraphileWorker(databaseUrl, true) },
  { name: 'pg-boss', open: ({ databaseUrl }) => openPgBoss(databaseUrl) },
  { name: 'bullmq redis memory', open: () => openBullmqOnRedis(false) },
  { name: 'bullmq redis fsync', open: () => openBullmqOnRedis(true) },
  { name: 'bullmq postgres', open: ({ databaseUrl }) => openBullmqOnPostgres(databaseUrl) },
  { name: 'raw sql', open: ({ databaseUrl }) => openRawSql(databaseUrl) },
];
