import { setTimeout as delay } from 'node:timers/promises';
import { createWorker, FatalError } from '@longshore/sdk';
import { work } from './jobs.ts';
import { openLedgerFile, type Step } from './ledger.ts';

/** A worker process with the public SDK, whose handlers write down what they do. It may be killed at any time. */

const {
  CHAOS_URL = '',
  CHAOS_KEY = '',
  CHAOS_LEDGER = '',
  CHAOS_LEASE = '',
  CHAOS_CONCURRENCY = '',
} = process.env;
const ledger = openLedgerFile(CHAOS_LEDGER);
const harness = process.ppid;
const pid = process.pid;
let session = '';

const note = (what: Step['what'], id: string, epoch: number, outcome?: string): void =>
  ledger.append({
    what,
    atMs: Date.now(),
    id,
    epoch,
    pid,
    session,
    ...(outcome !== undefined && { outcome }),
  });

const worker = createWorker({
  url: CHAOS_URL,
  apiKey: CHAOS_KEY,
  leaseSeconds: Number(CHAOS_LEASE),
  concurrency: Number(CHAOS_CONCURRENCY),
  handlers: [
    work.handler(async ({ plan, ms }, { job: { id }, fencingToken: epoch, attempt, signal }) => {
      note('start', id, epoch);
      try {
        await delay(ms, undefined, { signal });
      } catch (error) {
        note('end', id, epoch, 'aborted');
        throw error;
      }
      const isDoneFor = plan === 'fail';
      const fails = isDoneFor || (plan === 'fail once' && attempt === 1);
      note('end', id, epoch, isDoneFor ? 'fatal' : fails ? 'failed' : 'completed');
      if (isDoneFor) throw new FatalError('as planned');
      if (fails) throw new Error('as planned');
      return { epoch, pid };
    }),
  ],
});
worker.on('sessionOpened', ({ sessionId }) => {
  session = sessionId;
});
worker.on('jobCompleted', ({ job }) => note('told', job.id, job.fencingToken, 'completed'));
worker.on('jobFailed', ({ job, state }) => note('told', job.id, job.fencingToken, state));
process.once('SIGTERM', () => void worker.stop({ timeoutSeconds: 5 }).then(() => process.exit(0)));
// A harness that was killed cannot end its workers.
setInterval(() => process.ppid === harness || process.exit(1), 2_000).unref();

await worker.start();
process.stdout.write(`worker ready ${pid}\n`);
