import { openLongshore } from '../stack.ts';
import type { Subject } from '../subject.ts';
import type { Stretch } from './fold-samples.ts';
import { openStatementCounts, type Statement } from './statements.ts';

const callers = 32;
const batchSize = 1_000;

/** A part of the run: when, for how many jobs, and what PostgreSQL did meanwhile. */
export interface Phase extends Stretch {
  name: string;
  jobs: number;
  statements: Statement[] | null;
}

export interface PhasedRun {
  apiPid: number;
  workerPid: number;
  submitPhases: Phase[];
  drainPhase: Phase;
}

/**
 * Submits and drains so many jobs through an API process and a worker process, a tenth of them submitted one by one.
 * When it resolves both processes have ended in order.
 */
export const runPhases = async (serverUrl: string, jobs: number): Promise<PhasedRun> => {
  const counts = await openStatementCounts(serverUrl);
  const subject = await openLongshore(serverUrl);
  const timePhase = async (name: string, phaseJobs: number, run: () => Promise<unknown>): Promise<Phase> => {
    await counts.take();
    const startUs = nowUs();
    await run();
    const endUs = nowUs();
    return { name, jobs: phaseJobs, startUs, endUs, statements: await counts.take() };
  };
  try {
    const singles = Math.ceil(jobs / 10);
    const batches = Math.ceil((jobs - singles) / batchSize);
    const total = singles + batches * batchSize;
    const submitPhases = [
      await timePhase('submit one by one, 32 callers', singles, () => submitSingles(subject, singles)),
      await timePhase('submitMany of 1,000', batches * batchSize, () => submitBatches(subject, batches)),
    ];
    const worker = await subject.startWorker({ concurrency: 1_000, jobs: total });
    const drainPhase = await timePhase('drain', total, () => worker.done).finally(() => worker.end());
    return { apiPid: subject.serverPids[0]!, workerPid: worker.pid, submitPhases, drainPhase };
  } finally {
    await counts.close();
    await subject.close();
  }
};

/** The clock that V8 dates its samples by. */
const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n);

const submitSingles = async (subject: Subject, jobs: number): Promise<void> => {
  let left = jobs;
  const submitInTurn = async (): Promise<void> => {
    while (left-- > 0) await subject.submitOne();
  };
  await Promise.all(Array.from({ length: callers }, submitInTurn));
};

const submitBatches = async (subject: Subject, batches: number): Promise<void> => {
  for (let sent = 0; sent < batches; sent++) await subject.submitMany(batchSize);
};
