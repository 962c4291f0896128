import { type ErrorCode, type FinishAnswer, type JobState, LongshoreError } from '@longshore/contract';

/** A row of a verb that proves a lease; see migrations/functions/refused_leases.sql. */
export interface LeaseRow {
  id: string | null;
  lease_token: string | null;
  state: JobState | null;
  is_accepted: boolean;
  has_dependants: boolean;
}

/**
 * One answer an item from the rows of a verb. Refusals name the token that was refused, acceptances only the job;
 * an item without a row was accepted and is now in `stateOfRest`.
 */
export const toFinishAnswers = (
  items: { id: string; leaseToken: string }[],
  rows: LeaseRow[],
  stateOfRest: JobState,
): FinishAnswer[] => {
  if (rows.length === 0) return items.map(({ id }) => ({ ok: true, id, state: stateOfRest }));
  const byLease = new Map(rows.map((row) => [`${row.id} ${row.lease_token ?? ''}`, row]));
  return items.map(({ id, leaseToken }): FinishAnswer => {
    const row = byLease.get(`${id} ${leaseToken}`) ?? byLease.get(`${id} `);
    if (!row || row.is_accepted) return { ok: true, id, state: row?.state ?? stateOfRest };
    return refuse(
      id,
      row.state,
      'LEASE_LOST',
      'another holds this job now, or nobody',
      'Stop working on it; its outcome is not yours to write.',
    );
  });
};

/** The answers of cancel and retry: accepted, no such job, or in a state that does not allow it. */
export const toStateAnswers = (
  rows: { id: string; state: JobState | null; is_accepted: boolean }[],
  verb: string,
): FinishAnswer[] =>
  rows.map(({ id, state, is_accepted }): FinishAnswer => {
    if (state === null) return refuse(id, null, 'NOT_FOUND', 'there is no such job');
    if (!is_accepted) return refuse(id, state, 'INVALID_STATE', `a job that is ${state} cannot be ${verb}`);
    return { ok: true, id, state };
  });

export const refuse = (
  id: string,
  state: JobState | null,
  code: ErrorCode,
  message: string,
  hint?: string,
) => ({
  ok: false as const,
  id,
  state,
  error: new LongshoreError(code, message, { hint }).toBody(),
});
