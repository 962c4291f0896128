import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@longshore/sdk';
import type { Output } from '../output.ts';
import { renderCount } from '../render-numbers.ts';
import type { Child } from '../stack/child-process.ts';
import { listenForInterrupts, untilAborted } from '../stack/interrupts.ts';
import { createLocalStack, type LocalStack } from '../stack/local-stack.ts';
import { createStory, type Story } from '../stack/story.ts';
import { createDemoOrg, type DemoKeys } from './demo-org.ts';
import { type FoundFiles, fileBytesMax, filesMax, findFiles } from './find-files.ts';
import { ping } from './jobs.ts';
import { listBatch } from './list-batch.ts';
import {
  countRescues,
  countRetries,
  type Latency,
  latencyOf,
  measurePickup,
  measureRate,
} from './measure.ts';
import { submitWork, type Work } from './submit-work.ts';
import { watchBatch } from './watch-batch.ts';

/** What the demo did, as it is found in the database afterwards. */
export interface DemoReport {
  folder: string;
  files: number;
  passes: number;
  jobs: number;
  completed: number;
  lost: number;
  retries: number;
  rescues: number;
  killedWorker: string | null;
  /** In milliseconds. `roundTrip`: from the call of submit to the result, by the caller's clock. */
  idle: { jobs: number; pickup: Latency; roundTrip: Latency };
  waitInLine: Latency;
  jobsPerSecond: number;
  merged: Awaited<ReturnType<Work['merged']['wait']>>;
}

const handlersFile = fileURLToPath(new URL('./handlers.ts', import.meta.url));
const leaseSeconds = 3;
export const concurrency = 32;
const pings = 100;

/**
 * Brings everything up, runs the work, kills a worker half-way, and takes everything down again, whatever happens.
 * Rejects with Interrupted after Ctrl-C.
 */
export const runDemo = async (folder: string, output: Output): Promise<DemoReport> => {
  const interrupts = listenForInterrupts();
  const stack = createLocalStack();
  try {
    return await untilAborted(interrupts.signal, play({ folder, output, stack, signal: interrupts.signal }));
  } finally {
    await stack.stop();
    interrupts.release();
  }
};

interface Stage {
  folder: string;
  output: Output;
  stack: LocalStack;
  signal: AbortSignal;
}

const play = async ({ folder, output, stack, signal }: Stage): Promise<DemoReport> => {
  const story = createStory(output);
  const files = findFiles(folder);
  story.title('Longshore: jobs on PostgreSQL, workers that hold only an API key');
  const { client, keys } = await setTheStage(stack, story);
  const workers = [
    await startWorker(stack, story, keys, 1),
    await startWorker(stack, story, keys, 2),
  ] as const;

  const idle = await measureIdle(client, story);
  tellFiles(story, folder, files);
  const work = await submitWork(client, folder, files.paths);
  story.plain(
    `${renderCount(work.jobs)} jobs submitted in one batch (${work.passes} ${work.passes === 1 ? 'pass' : 'passes'}), ` +
      'and one that merges the results once the batch is done.',
  );
  story.plain();
  const killed = await watchBatch({ client, work, victim: workers[1], output, story, signal, leaseSeconds });
  const merged = await work.merged.wait({ timeoutSeconds: 60 });
  story.done('merged', `${renderCount(merged.results)} results of ${renderCount(merged.files)} files`);
  return report({ client, folder, files, work, idle, killed, merged });
};

const setTheStage = async (stack: LocalStack, story: Story): Promise<{ client: Client; keys: DemoKeys }> => {
  const postgres = await story.step(
    'PostgreSQL',
    () => stack.startPostgres({ isDurable: true }),
    ({ port }) => `temporary, on port ${port}, every commit flushed to disk`,
  );
  await story.step('schema', stack.migrate, (applied) => `${applied.length} migrations`);
  const url = await story.step(
    'API',
    () => stack.startApi({ port: 0, logLevel: 'error' }),
    (url) => url,
  );
  const keys = await createDemoOrg(postgres.url);
  return { client: createClient({ url, apiKey: keys.submit }), keys };
};

const startWorker = (stack: LocalStack, story: Story, keys: DemoKeys, number: 1 | 2): Promise<Child> =>
  story.step(
    `worker-${number}`,
    () =>
      stack.startWorker({
        name: `worker-${number}`,
        handlers: handlersFile,
        apiKey: keys.workers[number - 1]!,
        args: ['--concurrency', String(concurrency), '--lease-seconds', String(leaseSeconds)],
        env: { LONGSHORE_READ_KEY: keys.submit },
      }),
    ({ pid }) => `process ${pid}, over HTTP, with API keys and nothing else`,
  );

/** One job after the other, so that nothing waits in line: what remains is the system's own latency. */
const measureIdle = async (client: Client, story: Story): Promise<DemoReport['idle']> => {
  const ids = new Set<string>();
  const roundTrips: number[] = [];
  const measured = await story.step(
    'idle',
    async () => {
      for (let sent = 0; sent < pings; sent += 1) {
        const startedAtMs = performance.now();
        const handle = await client.submit(ping, {});
        await handle.wait({ timeoutSeconds: 30 });
        roundTrips.push(performance.now() - startedAtMs);
        ids.add(handle.id);
      }
      const { jobs } = await client.list({ kind: ping.kind, limit: pings });
      return { jobs: jobs.length, pickup: measurePickup(jobs), roundTrip: latencyOf(roundTrips) };
    },
    ({ roundTrip }) =>
      `${pings} empty jobs, one by one: ${roundTrip.p50.toFixed(1)} ms from submit to result (p50)`,
  );
  story.plain();
  return measured;
};

const tellFiles = (story: Story, folder: string, { paths, tooLarge, isCut }: FoundFiles): void => {
  story.plain(
    `Every file under ${folder} is hashed (SHA-256), its words and lines counted: ${renderCount(paths.length)} files.`,
  );
  if (tooLarge > 0) story.plain(`Left out: ${tooLarge} larger than ${fileBytesMax / 1_000_000} MB.`);
  if (isCut) story.plain(`There are more; the demo takes the first ${renderCount(filesMax)}.`);
};

interface Ending {
  client: Client;
  folder: string;
  files: FoundFiles;
  work: Work;
  idle: DemoReport['idle'];
  killed: Child | null;
  merged: DemoReport['merged'];
}

const report = async ({ client, folder, files, work, idle, killed, merged }: Ending): Promise<DemoReport> => {
  const jobs = await listBatch(client, work.batchId);
  const completed = jobs.filter(({ state }) => state === 'completed').length;
  return {
    folder,
    files: files.paths.length,
    passes: work.passes,
    jobs: work.jobs,
    completed,
    lost: work.jobs - completed,
    retries: countRetries(jobs),
    rescues: countRescues(jobs),
    killedWorker: killed?.name ?? null,
    idle,
    waitInLine: measurePickup(jobs.filter(({ rescues }) => rescues === 0)),
    jobsPerSecond: measureRate(jobs),
    merged,
  };
};
