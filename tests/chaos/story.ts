import type { JobState } from '@longshore/contract';
import type { ChaosResult } from './jobs.ts';
import type { Ack, CancelAnswer, Intent, OrgLedger, Step } from './ledger.ts';

/** One claim of a job, as the database remembers it. Its epoch is its place, from 1. */
export interface Lease {
  sessionId: string;
  claimedAtMs: number;
  /** Null while it runs. */
  endedAtMs: number | null;
  outcome: string;
}

/** A job as the database has it at the end. */
export interface JobRow {
  id: string;
  key: string | null;
  state: JobState;
  epoch: number;
  attempt: number;
  maxAttempts: number;
  rescues: number;
  createdAtMs: number;
  finishedAtMs: number | null;
  errorCode: string | null;
  result: ChaosResult | null;
  leases: Lease[];
}

/** All that the ledger and the database tell of one job. */
export interface Story {
  key: string;
  intent: Intent;
  ack: Ack | undefined;
  cancel: CancelAnswer | undefined;
  /** One, or none where the submit was never acked. */
  rows: JobRow[];
  steps: Step[];
  parent: JobRow | undefined;
}

/** Everything of one org, told job by job, and what belongs to no job that was ever to be submitted. */
export const tellStories = (
  ledger: OrgLedger,
  rows: readonly JobRow[],
): { stories: Story[]; strangers: JobRow[]; ghostRuns: string[] } => {
  const rowsByKey = Map.groupBy(rows, ({ key }) => key ?? '');
  const ids = new Set(rows.map(({ id }) => id));
  const stories = [...ledger.intents.values()].map((intent): Story => {
    const own = rowsByKey.get(intent.key) ?? [];
    const ack = ledger.acks.get(intent.key);
    const id = own[0]?.id ?? ack?.id ?? '';
    return {
      key: intent.key,
      intent,
      ack,
      cancel: ledger.cancels.get(id),
      rows: own,
      steps: own.flatMap((row) => ledger.steps.get(row.id) ?? []),
      parent: intent.parentKey === null ? undefined : rowsByKey.get(intent.parentKey)?.[0],
    };
  });
  return {
    stories,
    strangers: rows.filter(({ key }) => key === null || !ledger.intents.has(key)),
    ghostRuns: [...ledger.steps.keys()].filter((id) => !ids.has(id)),
  };
};
