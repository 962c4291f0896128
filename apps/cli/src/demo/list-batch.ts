import type { Client, Job } from '@longshore/sdk';

const pageJobs = 1_000;

/** All jobs of a batch, newest first. */
export const listBatch = async (client: Client, batchId: string): Promise<Job[]> => {
  const jobs: Job[] = [];
  let cursor: string | null = null;
  do {
    const page = await client.list({ batchId, limit: pageJobs, ...(cursor && { cursor }) });
    jobs.push(...page.jobs);
    cursor = page.nextCursor;
  } while (cursor);
  return jobs;
};
