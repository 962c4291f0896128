import type { ClaimedJob } from '@longshore/contract';
import { type ApiClient, createApiClient } from '@longshore/sdk';
import type { TestApi } from '@longshore/test-kit';

/** A session that claims jobs of a kind of its own, and both sides' calls. */
export interface Scene extends Pick<ApiClient, 'jobs' | 'worker'> {
  /** Stores so many jobs and claims them. */
  claim(count: number): Promise<ClaimedJob[]>;
  /** Claims the one job that is waiting or comes soon. */
  claimAgain(): Promise<ClaimedJob>;
}

export const openScene = async (api: Pick<TestApi, 'url' | 'keys'>): Promise<Scene> => {
  const { jobs } = createApiClient({ url: api.url, apiKey: api.keys.submit });
  const { worker } = createApiClient({ url: api.url, apiKey: api.keys.worker });
  const kind = `live-${crypto.randomUUID()}`;
  const { sessionId } = await worker.openSession({ kinds: [kind], leaseSeconds: 600 });
  const claimAll = async (limit: number): Promise<ClaimedJob[]> =>
    (await worker.claim({ sessionId, limit, waitSeconds: 20 })).jobs;

  return {
    jobs,
    worker,
    claim: async (count: number): Promise<ClaimedJob[]> => {
      const made = Array.from({ length: count }, () => ({ kind, payload: null }));
      await jobs.submitMany({ jobs: made, areIdsNew: false });
      const claimed: ClaimedJob[] = [];
      while (claimed.length < count) claimed.push(...(await claimAll(count - claimed.length)));
      return claimed;
    },
    claimAgain: async (): Promise<ClaimedJob> => {
      for (;;) {
        const [job] = await claimAll(1);
        if (job) return job;
      }
    },
  };
};
