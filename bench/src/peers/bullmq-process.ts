import { createPostgresBackend, type Job, Worker } from 'bullmq';
import { createTally, nowMs, readWorkerSettings, tellReady, tellStamp } from '../worker-lines.ts';

/** A worker process of BullMQ, on the Redis of REDIS_SOCKET or else on the PostgreSQL of DATABASE_URL. */
const tally = createTally(readWorkerSettings().jobs);

const work = async ({ name }: Job): Promise<{ ok: boolean }> => {
  if (name === 'stamp') tellStamp(nowMs());
  return { ok: true };
};

const createOnRedis = (path: string) =>
  new Worker('bench', work, { connection: { path, maxRetriesPerRequest: null }, concurrency: 100 });

const createOnPostgres = (connectionString: string) =>
  new Worker(
    'bench',
    work,
    { connection: { connectionString, max: 16 }, concurrency: 16 },
    createPostgresBackend,
  );

const worker = process.env.REDIS_SOCKET
  ? createOnRedis(process.env.REDIS_SOCKET)
  : createOnPostgres(process.env.DATABASE_URL!);
worker.on('completed', () => tally.add(1));
worker.on('error', (error) => console.error(`bullmq: ${String(error)}`));
await worker.waitUntilReady();
tellReady(() => worker.close(true));
