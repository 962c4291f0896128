import type { Mutant } from '../mutant.ts';

const verbs = ['tests/conformance/sql.test.ts'];
const lateDuties = ['tests/races/late-duties.test.ts'];

/** Transitions that the states do not have, and premises that are not looked at again. */
export const stateMutants: readonly Mutant[] = [
  {
    name: 'cancel-of-a-running-job-at-once',
    breaks: 'A running job is cancelled under its worker, which is never asked.',
    file: 'migrations/functions/cancel_jobs.sql',
    find: " and jobs.state <> 'running'",
    replace: '',
    tests: verbs,
  },
  {
    name: 'cancel-of-a-finished-job',
    breaks: 'Whoever cancels a completed job is told that it worked.',
    file: 'migrations/functions/cancel_jobs.sql',
    find: "now_in.state in ('running', 'cancelled')",
    replace: 'now_in.state is not null',
    tests: verbs,
  },
  {
    name: 'cancel-not-obeyed-by-release',
    breaks: 'A job that should be cancelled is given to the next worker when the present one lets go of it.',
    file: 'migrations/functions/give_back.sql',
    find: ' and cancel_requested_at is not null',
    replace: ' and false',
    tests: verbs,
  },
  {
    name: 'retry-of-a-completed-job',
    breaks: 'A completed job is run once more.',
    file: 'migrations/functions/retry_jobs.sql',
    find: ` and state in ('failed', 'cancelled')
    returning *`,
    replace: `
    returning *`,
    tests: verbs,
  },
  {
    name: 'retry-of-a-running-job',
    breaks: 'A job that runs is handed out a second time.',
    file: 'migrations/functions/retry_jobs.sql',
    find: `
    where jobs.org_id = p_org_id and jobs.id = any (p_ids) and jobs.state = 'scheduled'`,
    replace: `
    where jobs.org_id = p_org_id and jobs.id = any (p_ids)`,
    tests: verbs,
  },
  {
    name: 'promote-before-due',
    breaks: 'A scheduled job runs before its time.',
    file: 'migrations/functions/promote_jobs.sql',
    find: ' and jobs.run_at <= v_now',
    replace: '',
    tests: verbs,
  },
  {
    name: 'promote-of-a-running-job',
    breaks: 'A promotion that comes late takes a job from the worker that runs it.',
    file: 'migrations/functions/promote_jobs.sql',
    find: "and jobs.state = 'scheduled' and jobs.run_at",
    replace: 'and jobs.run_at',
    tests: lateDuties,
  },
  {
    name: 'time-out-of-a-later-attempt',
    breaks: 'An attempt is ended when the time of an earlier one is over.',
    file: 'migrations/functions/time_out_jobs.sql',
    find: 'jobs.started_at + make_interval(secs => jobs.timeout_seconds) < v_now\n',
    replace: 'jobs.timeout_seconds is not null\n',
    tests: lateDuties,
  },
  {
    name: 'time-out-of-the-next-attempt-forgotten',
    breaks: 'A job that goes on after its first deadline is looked at never again.',
    file: 'migrations/functions/time_out_jobs.sql',
    find: 'select min(greatest(jobs.started_at + make_interval(secs => jobs.timeout_seconds), v_now))',
    replace: 'select min(null::timestamptz)',
    tests: lateDuties,
  },
  {
    name: 'attempt-spent-by-release',
    breaks: 'A job that is only given back has an attempt less.',
    file: 'migrations/functions/give_back.sql',
    find: 'attempt = greatest(attempt - 1, 0),',
    replace: 'attempt = attempt,',
    tests: ['tests/races/fencing.test.ts'],
  },
  {
    name: 'attempts-without-end',
    breaks: 'A job that has spent its attempts is tried again.',
    file: 'migrations/functions/end_attempts.sql',
    find: '(jobs.attempt >= jobs.max_attempts or not failures.is_retryable) as is_final',
    replace: '(not failures.is_retryable) as is_final',
    tests: verbs,
  },
  {
    name: 'backoff-overflows',
    breaks: 'A job with many attempts can never be failed again: its backoff raises.',
    file: 'migrations/functions/backoff_seconds.sql',
    find: 'least(greatest(p_attempt, 1) - 1, 60)',
    replace: 'greatest(p_attempt, 1) - 1',
    tests: verbs,
  },
  {
    name: 'child-runs-after-a-failed-parent',
    breaks: 'A job runs although a parent that it needs has failed.',
    file: 'migrations/functions/unblock_jobs.sql',
    find: "settled.outcome in ('failed', 'cancelled')",
    replace: "settled.outcome in ('cancelled')",
    tests: verbs,
  },
  {
    name: 'child-runs-after-its-first-parent',
    breaks: 'A job runs while a parent of it is still running.',
    file: 'migrations/functions/unblock_jobs.sql',
    find: `
      and not exists (
        select from longshore.job_dependencies as ties where ties.org_id = p_org_id and ties.job_id = blocked.id
      )`,
    replace: '',
    tests: ['tests/races/dependencies.test.ts'],
  },
  {
    name: 'ties-locked-in-another-order',
    breaks: 'Parents that finish and children that are cancelled deadlock.',
    file: 'migrations/functions/settle_dependants.sql',
    find: 'order by ties.job_id, ties.parent_id',
    replace: 'order by ties.job_id desc, ties.parent_id',
    tests: ['tests/races/deadlocks.test.ts'],
  },
  {
    name: 'sessions-locked-in-another-order',
    breaks: 'A revocation and a claim for the same sessions deadlock.',
    file: 'migrations/functions/end_worker_sessions.sql',
    find: 'order by sessions.id\n',
    replace: 'order by sessions.id desc\n',
    tests: ['tests/races/deadlocks.test.ts'],
  },
  {
    name: 'retry-lost-beside-a-cancel',
    breaks:
      'A retry that comes while a cancel commits is refused, as it looks for the job where it no longer is.',
    file: 'migrations/functions/retry_jobs.sql',
    find: `
  where jobs.org_id = p_org_id and jobs.id = any (p_ids) and jobs.state = 'scheduled'
  order by jobs.id
  for update;`,
    replace: `
  where false;`,
    tests: ['tests/races/matrix/matrix.test.ts'],
  },
];
