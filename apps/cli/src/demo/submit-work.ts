import { limits } from '@longshore/contract';
import type { Client } from '@longshore/sdk';
import { countFile, mergeCounts } from './jobs.ts';

/** Fewer would be over before anybody could kill a worker half-way. */
const jobsWanted = 4_000;

export interface Work {
  batchId: string;
  /** Jobs of the batch; the merging one is not among them. */
  jobs: number;
  /** How many jobs there are for each file, all doing the same. */
  passes: number;
  merged: Awaited<ReturnType<typeof submitMerge>>;
}

/** Submits a job for each file and pass, in one batch, and one that runs after the batch. */
export const submitWork = async (client: Client, folder: string, paths: readonly string[]): Promise<Work> => {
  const batchId = 'demo';
  const passes = Math.max(1, Math.round(jobsWanted / Math.max(1, paths.length)));
  const requests = Array.from({ length: passes }, (_, index) => index + 1).flatMap((pass) =>
    paths.map((path) => countFile.request({ folder, path, pass }, { batchId })),
  );
  for (let first = 0; first < requests.length; first += limits.batchJobsMax) {
    await client.submitMany(requests.slice(first, first + limits.batchJobsMax));
  }
  return { batchId, jobs: requests.length, passes, merged: await submitMerge(client, batchId) };
};

const submitMerge = (client: Client, batchId: string) =>
  client.submit(mergeCounts, { batchId }, { afterBatch: batchId });
