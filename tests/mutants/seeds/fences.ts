import type { Mutant } from '../mutant.ts';

const races = ['tests/races/fencing.test.ts'];
const verbs = ['tests/conformance/sql.test.ts'];

/** A verb that locks its jobs by their ids alone. */
const lockById = `from (
    select jobs.id, jobs.lease_token
    from longshore.jobs
    where jobs.org_id = p_org_id and jobs.id = any (v_ids) and jobs.state = 'running'
  ) as held;`;

/** Writes of workers that do not ask for the proof of the lease, and proofs that prove nothing. */
export const fenceMutants: readonly Mutant[] = [
  {
    name: 'complete-without-lease-token',
    breaks: 'A worker that lost its lease completes the job of its successor.',
    file: 'migrations/functions/complete_jobs.sql',
    find: `
      and jobs.lease_token = items.lease_token`,
    replace: '',
    tests: races,
  },
  {
    name: 'fail-without-lease-token',
    breaks: 'A worker that lost its lease fails the job of its successor.',
    file: 'migrations/functions/fail_jobs.sql',
    find: ' on items.id = jobs.id and items.lease_token = jobs.lease_token',
    replace: ' on items.id = jobs.id',
    tests: races,
  },
  {
    name: 'release-without-lease-token',
    breaks: 'A worker that lost its lease gives the job of its successor away.',
    file: 'migrations/functions/release_jobs.sql',
    find: 'from longshore.lock_leased(p_org_id, v_ids, v_tokens) as held;',
    replace: lockById,
    tests: races,
  },
  {
    name: 'snooze-without-lease-token',
    breaks: 'A worker that lost its lease puts the job of its successor off.',
    file: 'migrations/functions/snooze_jobs.sql',
    find: 'from longshore.lock_leased(p_org_id, v_ids, v_tokens) as held;',
    replace: lockById,
    tests: verbs,
  },
  {
    name: 'report-without-lease-token',
    breaks: 'A worker that lost its lease is told that its reports are taken.',
    file: 'migrations/functions/report_progress.sql',
    find: 'from longshore.lock_leased(p_org_id, v_ids, v_tokens) as held;',
    replace: lockById,
    tests: verbs,
  },
  {
    name: 'heartbeat-without-lease-token',
    breaks: 'A worker is not told that it lost a job which another runs now.',
    file: 'migrations/functions/check_leases.sql',
    find: `
      and jobs.lease_token = items.lease_token`,
    replace: '',
    tests: races,
  },
  {
    name: 'outcome-told-to-any-token',
    breaks: 'A worker that lost its lease is told that the outcome of its successor is its own.',
    file: 'migrations/functions/refused_leases.sql',
    find: `
      and finished_jobs.lease_token = items.lease_token`,
    replace: '',
    tests: races,
  },
  {
    name: 'lease-token-of-the-job-alone',
    breaks: 'Every claim of a job has the same token, so that the one before still fits.',
    file: 'migrations/functions/lease_token.sql',
    find: 'sha256(p_secret || uuid_send(p_job_id))',
    replace: 'sha256(uuid_send(p_job_id))',
    tests: races,
  },
  {
    name: 'lease-token-of-the-claim-alone',
    breaks: 'All jobs of a claim have the same token.',
    file: 'migrations/functions/lease_token.sql',
    find: 'sha256(p_secret || uuid_send(p_job_id))',
    replace: 'sha256(p_secret)',
    tests: ['tests/races/claims.test.ts'],
  },
  {
    name: 'epoch-stays',
    breaks: 'The fencing token of a claim is not greater than the one before.',
    file: 'migrations/functions/claim_from_lane.sql',
    find: 'epoch = jobs.epoch + 1',
    replace: 'epoch = greatest(jobs.epoch, 1)',
    tests: races,
  },
  {
    name: 'finishes-mixed-up',
    breaks: 'Callers whose finishes went out together get the answers of each other.',
    file: 'apps/api/src/gatherer.ts',
    find: 'call.resolve(answers.slice(from, from + call.items.length));',
    replace: 'call.resolve(answers.slice(0, call.items.length));',
    tests: ['apps/api/src/gatherer.test.ts'],
  },
];
