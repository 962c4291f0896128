import type { Database } from './connect.ts';
import { createJobReads, type JobReads } from './job-reads.ts';
import { createQueueReads, type QueueReads } from './queue-reads.ts';

/** Everything the API reads for its callers. */
export type Reads = JobReads & QueueReads;

export const createReads = (db: Database): Reads => ({ ...createJobReads(db), ...createQueueReads(db) });
