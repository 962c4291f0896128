import type { Mutant } from '../mutant.ts';

const races = ['tests/races/fencing.test.ts'];
const claimRaces = ['tests/races/claims.test.ts'];
const verbs = ['tests/conformance/sql.test.ts'];

/** Heartbeats, rescues and claims whose answer was lost. */
export const rescueMutants: readonly Mutant[] = [
  {
    name: 'rescue-of-a-live-session',
    breaks: 'A session that was heard from since the rescuer looked loses its jobs.',
    file: 'migrations/functions/rescue_jobs.sql',
    find: 'then sessions.heartbeat_at + make_interval(secs => sessions.lease_seconds) < v_now',
    replace: 'then true',
    tests: races,
  },
  {
    name: 'rescue-of-a-job-that-moved-on',
    breaks: 'A job that another session has claimed meanwhile is taken from it.',
    file: 'migrations/functions/take_back_jobs.sql',
    find: `
      and jobs.session_id = any (p_session_ids)
    order by jobs.id`,
    replace: `
    order by jobs.id`,
    tests: races,
  },
  {
    name: 'rescue-not-counted',
    breaks: 'A job that kills its workers is given to one after the other for ever.',
    file: 'migrations/functions/give_back.sql',
    find: "rescues = rescues + case when p_outcome = 'rescued' then 1 else 0 end",
    replace: 'rescues = rescues',
    tests: races,
  },
  {
    name: 'poison-one-rescue-too-late',
    breaks: 'A job that kills its workers gets one more than allowed.',
    file: 'migrations/functions/take_back_jobs.sql',
    find: 'jobs.rescues + 1 >= p_rescues_max',
    replace: 'jobs.rescues + 1 > p_rescues_max',
    tests: verbs,
  },
  {
    name: 'rescue-counts-what-we-silenced',
    breaks: 'A job is taken for poison because the keys of its workers ended.',
    file: 'migrations/functions/rescue_jobs.sql',
    find: `
      and not longshore.has_lost_its_keys(p_org_id, workers.id)`,
    replace: '',
    tests: ['tests/races/silent-workers.test.ts'],
  },
  {
    name: 'rescue-waits-for-strangers',
    breaks: 'A transaction that keeps one job locked holds up the revocation of its worker.',
    file: 'migrations/functions/take_back_jobs.sql',
    find: `
    order by jobs.id
    for update skip locked`,
    replace: `
    order by jobs.id
    for update`,
    tests: ['tests/races/locked-jobs.test.ts'],
  },
  {
    name: 'rescue-at-once-after-an-outage',
    breaks: 'After a time without the database all workers lose their jobs before they could be heard.',
    file: 'apps/api/src/duties/rescue-dead-sessions.ts',
    find: 'return nowMs() < quietUntilMs ? sessions.filter(({ hasEnded }) => hasEnded) : sessions;',
    replace: 'return sessions;',
    tests: ['apps/api/src/duties/rescue-dead-sessions.test.ts'],
  },
  {
    name: 'heartbeat-of-a-dead-session',
    breaks: 'A session that was given up for dead is told that all is well.',
    file: 'migrations/functions/heartbeat_sessions.sql',
    find: `
      and sessions.ended_at is null`,
    replace: '',
    tests: verbs,
  },
  {
    name: 'heartbeat-by-another-clock',
    breaks: 'Heartbeats are written by a clock that the rescue does not go by.',
    file: 'migrations/functions/heartbeat_sessions.sql',
    find: 'timestamptz := longshore.now();',
    replace: 'timestamptz := now();',
    tests: verbs,
  },
  {
    name: 'stray-kept',
    breaks: 'A job whose claim was answered to nobody stays with a session that does not run it.',
    file: 'migrations/functions/heartbeat_sessions.sql',
    find: "longshore.return_strays(p_org_id, session_id, v_ids, v_now - interval '10 seconds') > 0",
    replace: 'false',
    tests: claimRaces,
  },
  {
    name: 'stray-without-grace',
    breaks: 'A job whose claim is still being answered is taken back and given to another.',
    file: 'migrations/functions/heartbeat_sessions.sql',
    find: "v_now - interval '10 seconds'",
    replace: "v_now + interval '1 second'",
    tests: claimRaces,
  },
  {
    name: 'stray-of-a-new-claim',
    breaks: 'A job that the session has just claimed again is taken for the one whose answer was lost.',
    file: 'migrations/functions/return_strays.sql',
    find: `
      and jobs.started_at < p_before
    order by jobs.id`,
    replace: `
    order by jobs.id`,
    tests: claimRaces,
  },
  {
    name: 'claim-for-an-ended-session',
    breaks: 'A session that has ended is given jobs.',
    file: 'migrations/functions/claim_jobs.sql',
    find: `
        and sessions.ended_at is null`,
    replace: '',
    tests: claimRaces,
  },
  {
    name: 'claim-without-a-lock-on-its-session',
    breaks: 'A rescue overlooks what is being claimed for the session, and the job stays with a dead one.',
    file: 'migrations/functions/claim_jobs.sql',
    find: `
      order by sessions.id
      for key share`,
    replace: `
      order by sessions.id`,
    tests: claimRaces,
  },
  {
    name: 'claim-of-a-caller-who-hung-up',
    breaks: 'Jobs that were claimed for a caller who has gone are not given back.',
    file: 'apps/api/src/claim-group.ts',
    find: "if ('jobs' in outcome && waiter.signal?.aborted) giveBack(group.orgId, outcome.jobs);",
    replace: '',
    tests: ['apps/api/src/claim-desk.test.ts'],
  },
];
