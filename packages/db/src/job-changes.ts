import type { FinishAnswer, JobState } from '@longshore/contract';
import { type RawBuilder, sql } from 'kysely';
import { type Act, type Actor, appendAudit } from './audit.ts';
import type { Database } from './connect.ts';
import { toStateAnswers } from './lease-answers.ts';
import type { JobLifecycle, LifecycleEvents } from './lifecycle-types.ts';
import { inOrg } from './org-scope.ts';

/** What people do to jobs. Each call and its one row in the audit log are one transaction. */
export const createJobChanges = (
  db: Database,
  events: LifecycleEvents,
): Pick<JobLifecycle, 'cancel' | 'retry'> => {
  const change = (orgId: number, actor: Actor, action: string, ids: string[], verb: RawBuilder<StateRow>) =>
    inOrg(db, orgId, async (transaction) => {
      const { rows } = await verb.execute(transaction);
      await appendAudit(transaction, orgId, actor, { action, ...tellOf(ids, rows) });
      return rows;
    });

  return {
    cancel: async (orgId, ids, { actor, reason }): Promise<FinishAnswer[]> => {
      const verb = sql<StateRow>`select * from longshore.cancel_jobs(${orgId}, ${ids}, ${nameOf(actor)}, ${reason})`;
      const rows = await change(orgId, actor, 'jobs.cancel', ids, verb);
      if (rows.some((row) => row.state === 'cancelled')) events.onDependants?.(orgId);
      return toStateAnswers(rows, 'cancelled');
    },

    retry: async (orgId, ids, { actor }): Promise<FinishAnswer[]> => {
      const verb = sql<StateRow>`select * from longshore.retry_jobs(${orgId}, ${ids}, ${nameOf(actor)})`;
      const rows = await change(orgId, actor, 'jobs.retry', ids, verb);
      if (rows.some((row) => row.is_accepted)) events.onAvailable?.(orgId);
      return toStateAnswers(rows, 'retried');
    },
  };
};

interface StateRow {
  id: string;
  state: JobState | null;
  is_accepted: boolean;
}

/** How a job's row names who did something to it; view job_events finds the name of a key. */
const nameOf = ({ keyId, name, role }: Actor): string => keyId ?? name ?? role;

const shownIds = 20;

/** Which jobs, at most twenty of them by id, and how many are in which state now. */
const tellOf = (ids: string[], rows: StateRow[]): Pick<Act, 'target' | 'after'> => {
  const accepted = rows.filter((row) => row.is_accepted);
  const byState = Map.groupBy(accepted, (row) => row.state);
  return {
    target: ids.length === 1 ? ids[0]! : `${ids.length} jobs`,
    after: {
      count: ids.length,
      ids: ids.slice(0, shownIds),
      changed: Object.fromEntries([...byState].map(([state, among]) => [state, among.length])),
      refused: ids.length - accepted.length,
    },
  };
};
