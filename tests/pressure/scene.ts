import { fileURLToPath } from 'node:url';
import { type Client, createClient, defineJob } from '@longshore/sdk';
import { endProcess, spawnReady } from '@longshore/test-kit/processes';
import { z } from 'zod';
import { type ApiCluster, startApiCluster } from '../processes/api-cluster.ts';

/** An API process, a worker process and a client on a PostgreSQL of their own. */
export interface Scene {
  cluster: ApiCluster;
  url: string;
  client: Client;
  workerKey: string;
  submitKey: string;
  /** Submits so many jobs at once, in calls of a thousand. */
  submit(jobs: number): Promise<void>;
  /** Jobs that the worker process has completed. */
  completed(): number;
  /** Resolves once it has completed so many; rejects when it completes none for a minute. */
  untilCompleted(jobs: number): Promise<void>;
}

const work = defineJob({ kind: 'work', payload: z.unknown() });
const batchSize = 1_000;
const stuckMs = 60_000;

export const withScene = async (
  env: Record<string, string>,
  play: (scene: Scene) => Promise<void>,
): Promise<void> => {
  const cluster = await startApiCluster({ processes: 1, isDurable: true, env });
  const url = cluster.urls[0]!;
  const submitKey = await cluster.makeKey('submit');
  const { apiKey: workerKey } = await cluster.makeWorker();
  const client = createClient({ url, apiKey: submitKey });
  const file = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
  const { child, lines } = await spawnReady(file, /(ready)/, { API_URL: url, API_KEY: workerKey });
  let completed = 0;
  lines.on('line', (line) => {
    completed = Number(/completed (\d+)/.exec(line)?.[1] ?? completed);
  });
  try {
    await play({
      cluster,
      url,
      client,
      workerKey,
      submitKey,
      submit: async (jobs) => {
        for (let sent = 0; sent < jobs; sent += batchSize) {
          const size = Math.min(batchSize, jobs - sent);
          await client.submitMany(Array.from({ length: size }, () => work.request({ text: 'x'.repeat(80) })));
        }
      },
      completed: () => completed,
      untilCompleted: async (jobs) => {
        let seen = completed;
        for (let movedAtMs = performance.now(); completed < jobs; ) {
          await new Promise((resolve) => lines.once('line', resolve));
          if (completed > seen) movedAtMs = performance.now();
          if (performance.now() - movedAtMs > stuckMs)
            throw new Error(`stuck at ${completed} of ${jobs} jobs`);
          seen = completed;
        }
      },
    });
  } finally {
    await client.close();
    await endProcess(child);
    await cluster.stop();
  }
};
