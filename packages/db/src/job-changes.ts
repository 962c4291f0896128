import type { CancelWhereInput, FinishAnswer, JobState } from '@longshore/contract';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { type Act, type Actor, appendAudit, nameOfActor } from './audit.ts';
import { cancellableJobs, countCancellable } from './cancellable-jobs.ts';
import type { Database } from './connect.ts';
import { toStateAnswers } from './lease-answers.ts';
import type { JobLifecycle, LifecycleEvents } from './lifecycle-types.ts';
import { inOrg } from './org-scope.ts';
import type { Schema } from './schema.ts';

/** What people do to jobs. Each call and its one row in the audit log are one transaction. */
export const createJobChanges = (
  db: Database,
  events: LifecycleEvents,
): Pick<JobLifecycle, 'cancel' | 'cancelWhere' | 'retry'> => {
  const change = <Row extends StateRow>(
    orgId: number,
    actor: Actor,
    action: string,
    ids: string[],
    verb: RawBuilder<Row>,
  ) =>
    inOrg(db, orgId, async (transaction) => {
      const { rows } = await verb.execute(transaction);
      await appendAudit(transaction, orgId, actor, { action, ...tellOf(ids, rows) });
      return rows;
    });

  const tellOfCancel = (orgId: number, rows: CancelRow[]): void => {
    if (rows.some((row) => row.state === 'cancelled')) events.onDependants?.(orgId);
    const running = rows.flatMap(({ session_id }) => (session_id === null ? [] : [session_id]));
    if (running.length > 0) events.onNews?.([...new Set(running)]);
  };

  return {
    cancel: async (orgId, ids, { actor, reason }): Promise<FinishAnswer[]> => {
      const rows = await change(orgId, actor, 'jobs.cancel', ids, cancelJobs(orgId, ids, actor, reason));
      tellOfCancel(orgId, rows);
      return toStateAnswers(rows, 'cancelled');
    },

    cancelWhere: async (orgId, filter, { actor, reason, onStep }) => {
      const answer = { cancelled: 0, asked: 0 };
      const bounds = await openCancelWhere(db, orgId, actor, filter, reason);
      for (let after: string | null = null, isMore = bounds.count > 0; isMore; ) {
        const step: CancelStep = await inOrg(db, orgId, (transaction) =>
          cancelStep(transaction, orgId, { ...filter, ...bounds, after }, actor, reason),
        );
        tellOfCancel(orgId, step.rows);
        const taken = step.rows.filter((row) => row.is_accepted);
        const cancelled = taken.filter((row) => row.state === 'cancelled').map(({ id }) => id);
        answer.cancelled += cancelled.length;
        answer.asked += taken.length - cancelled.length;
        onStep?.(cancelled);
        ({ lastId: after, isMore } = step);
      }
      return answer;
    },

    retry: async (orgId, ids, { actor }): Promise<FinishAnswer[]> => {
      const verb = sql<StateRow>`select * from longshore.retry_jobs(${orgId}, ${ids}, ${nameOfActor(actor)})`;
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

/** Whoever runs the job and was asked to stop. */
type CancelRow = StateRow & { session_id: string | null };

const cancelJobs = (orgId: number, ids: string[], actor: Actor, reason: string | null) =>
  sql<CancelRow>`select * from longshore.cancel_jobs(${orgId}, ${ids}, ${nameOfActor(actor)}, ${reason})`;

/** Writes what is about to be done before any of it is, so that no step can be without its row. */
const openCancelWhere = (
  db: Database,
  orgId: number,
  actor: Actor,
  filter: Omit<CancelWhereInput, 'reason'>,
  reason: string | null,
): Promise<{ until: string; count: number }> =>
  inOrg(db, orgId, async (transaction) => {
    const bounds = await countCancellable(transaction, orgId, filter);
    await appendAudit(transaction, orgId, actor, {
      action: 'jobs.cancelWhere',
      target: `${bounds.count} jobs`,
      after: { filter, reason, count: bounds.count },
    });
    return bounds;
  });

interface CancelStep {
  rows: CancelRow[];
  lastId: string | null;
  isMore: boolean;
}

const stepJobs = 1_000;

const cancelStep = async (
  transaction: Transaction<Schema>,
  orgId: number,
  filter: Parameters<typeof cancellableJobs>[2],
  actor: Actor,
  reason: string | null,
): Promise<CancelStep> => {
  const found = await cancellableJobs(transaction, orgId, filter).limit(stepJobs).execute();
  const ids = found.map(({ id }) => id);
  const rows =
    ids.length === 0 ? [] : (await cancelJobs(orgId, ids, actor, reason).execute(transaction)).rows;
  return { rows, lastId: ids.at(-1) ?? null, isMore: ids.length === stepJobs };
};

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
