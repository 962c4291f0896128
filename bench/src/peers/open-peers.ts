import { fileURLToPath } from 'node:url';
import { makeWorkerUtils } from 'graphile-worker';
import { PgBoss } from 'pg-boss';
import { noopPayload } from '../jobs.ts';
import { type Subject, startSubjectWorker } from '../subject.ts';

const workerOf =
  (file: string, databaseUrl: string, env: Record<string, string> = {}): Subject['startWorker'] =>
  ({ concurrency, jobs = 0 }) =>
    startSubjectWorker(fileURLToPath(new URL(file, import.meta.url)), {
      DATABASE_URL: databaseUrl,
      CONCURRENCY: String(concurrency),
      JOBS: String(jobs),
      ...env,
    });

/** graphile-worker, as it comes and with its local queue and batched completions. It keeps no results and no history. */
export const openGraphileWorker = async (databaseUrl: string, isBatched: boolean): Promise<Subject> => {
  const utils = await makeWorkerUtils({ connectionString: databaseUrl });
  await utils.migrate();
  return {
    name: isBatched ? 'graphile-worker batched' : 'graphile-worker',
    submitStamp: () => utils.addJob('stamp', {}),
    submitMany: (count) =>
      utils.addJobs(Array.from({ length: count }, () => ({ identifier: 'noop', payload: noopPayload }))),
    startWorker: workerOf('./graphile-process.ts', databaseUrl, { IS_BATCHED: isBatched ? '1' : '' }),
    close: () => Promise.resolve(utils.release()),
  };
};

/** pg-boss with large batches and its NOTIFY. */
export const openPgBoss = async (databaseUrl: string): Promise<Subject> => {
  const boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(`pg-boss: ${String(error)}`));
  await boss.start();
  await boss.createQueue('noop');
  await boss.createQueue('stamp', { notify: true });
  return {
    name: 'pg-boss',
    submitStamp: () => boss.send('stamp', {}),
    submitMany: (count) =>
      boss.insert(
        'noop',
        Array.from({ length: count }, () => ({ data: noopPayload })),
      ),
    startWorker: workerOf('./pg-boss-process.ts', databaseUrl),
    close: () => boss.stop({ graceful: false }),
  };
};
