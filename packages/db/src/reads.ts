import { type AuditReads, createAuditReads } from './audit-reads.ts';
import type { Database } from './connect.ts';
import { createJobEventReads, type JobEventReads } from './job-event-reads.ts';
import { createJobReads, type JobReads } from './job-reads.ts';
import { createQueueCountReads, type QueueCountReads } from './queue-counts.ts';
import { createQueueReads, type QueueReads } from './queue-reads.ts';
import { createWatchReads, type WatchReads } from './watch-reads.ts';

/** Everything the API reads for its callers. */
export type Reads = JobReads & JobEventReads & WatchReads & QueueReads & QueueCountReads & AuditReads;

export const createReads = (db: Database): Reads => ({
  ...createJobReads(db),
  ...createJobEventReads(db),
  ...createWatchReads(db),
  ...createQueueReads(db),
  ...createQueueCountReads(db),
  ...createAuditReads(db),
});
