import { type FinishAnswer, type ItemAnswer, isFinal, type SubmitAnswer } from '@longshore/contract';
import { type Entry, type HeldEntry, hasLease, type RequestOutcome, toJob } from './ledger-entry.ts';
import type { Engine } from './open-engine.ts';

/** Makes the jobs of entries. An answer each. */
export const submitEntries = (
  { verbs, orgId }: Engine,
  queue: string,
  entries: Entry[],
): Promise<ItemAnswer<SubmitAnswer>[]> =>
  verbs.submitEach(
    { orgId, keyId: 'worker server' },
    entries.map((entry) => toJob(entry, queue)),
  );

/** Notes in their progress which workers the jobs are with. */
export const tellMoves = async ({ verbs, orgId }: Engine, entries: Entry[]): Promise<void> => {
  const moved = entries.filter(hasLease).filter(({ isMoved, outcome }) => isMoved && !outcome);
  if (moved.length === 0) return;
  for (const entry of moved) entry.isMoved = false;
  await verbs.report(
    orgId,
    moved.map(({ jobId: id, leaseToken, workerId }) => ({ id, leaseToken, progress: { workerId } })),
  );
};

/** Ends the jobs of entries that are over; answers those that have ended. The others have lost their lease. */
export const finishEntries = async (engine: Engine, entries: Entry[]): Promise<Entry[]> => {
  const ended: Entry[] = [];
  for (const outcome of ['completed', 'failed', 'released'] as const) {
    const over = entries.filter(hasLease).filter((entry) => entry.outcome === outcome);
    if (over.length === 0) continue;
    const answers = await finishAs(engine, outcome, over);
    answers.forEach((answer, at) => {
      const entry: Entry = over[at]!;
      if (answer.ok || answer.state === null || isFinal(answer.state)) ended.push(entry);
      else entry.leaseToken = undefined;
    });
  }
  return ended;
};

const finishAs = async (
  { verbs, orgId, actor }: Engine,
  outcome: RequestOutcome,
  entries: HeldEntry[],
): Promise<FinishAnswer[]> => {
  const items = entries.map(({ jobId: id, leaseToken }) => ({ id, leaseToken }));
  if (outcome === 'completed') {
    const results = items.map((item) => ({ ...item, result: null }));
    return verbs.complete(orgId, results);
  }
  // What is asked to cancel ends cancelled when its holder lets go.
  if (outcome === 'released') {
    const ids = items.map(({ id }) => id);
    await verbs.cancel(orgId, ids, { actor, reason: 'released' });
  }
  const error = { message: outcome === 'failed' ? 'the request failed' : 'the request was released' };
  const failures = items.map((item) => ({ ...item, error, isRetryable: false }));
  return verbs.fail(orgId, failures);
};
