import type { Mutant } from '../mutant.ts';

const races = ['tests/races/claims.test.ts'];
const verbs = ['tests/conformance/sql.test.ts'];
const limits = ['tests/races/worker-limits.test.ts'];

/** Who gets which job, and in which order. */
export const claimMutants: readonly Mutant[] = [
  {
    name: 'youngest-first',
    breaks: 'Whoever came last is served first.',
    file: 'migrations/functions/claim_from_lane.sql',
    find: 'order by waiting.order_key\n',
    replace: 'order by waiting.order_key desc\n',
    tests: races,
  },
  {
    name: 'least-urgent-first',
    breaks: 'Greater priorities are served before smaller ones.',
    file: 'migrations/functions/claimable_lanes.sql',
    find: 'order by routes.priority\n',
    replace: 'order by routes.priority desc\n',
    tests: verbs,
  },
  {
    name: 'pause-ignored',
    breaks: 'A paused queue goes on handing out jobs.',
    file: 'migrations/functions/claimable_lanes.sql',
    find: 'and queues.paused_at is not null',
    replace: 'and false',
    tests: verbs,
  },
  {
    name: 'capabilities-ignored',
    breaks: 'A worker gets jobs that require what it has not.',
    file: 'migrations/functions/claimable_lanes.sql',
    find: `
    and routes.required_capabilities <@ p_capabilities`,
    replace: '',
    tests: verbs,
  },
  {
    name: 'kinds-ignored',
    breaks: 'A worker gets jobs that it has no handler for.',
    file: 'migrations/functions/claimable_lanes.sql',
    find: `
    and routes.kind = any (p_kinds)`,
    replace: '',
    tests: verbs,
  },
  {
    name: 'job-handed-out-twice',
    breaks: 'Two claims at the same time take the same job.',
    file: 'migrations/functions/claim_from_lane.sql',
    find: `
    for update skip locked`,
    replace: '',
    tests: races,
  },
  {
    name: 'limit-of-the-worker-ignored',
    breaks: 'A worker runs more jobs than it is allowed.',
    file: 'migrations/functions/claim_within_limits.sql',
    find: 'least(v_free, v_room, v_rooms[v_place], v_own_rooms[v_own_place])',
    replace: 'v_free',
    tests: limits,
  },
  {
    name: 'limit-of-the-category-ignored',
    breaks: 'A worker runs more jobs of a category than it is allowed.',
    file: 'migrations/functions/claim_within_limits.sql',
    find: 'least(v_free, v_room, v_rooms[v_place], v_own_rooms[v_own_place])',
    replace: 'least(v_free, v_room, v_own_rooms[v_own_place])',
    tests: limits,
  },
  {
    name: 'limit-of-the-session-ignored',
    breaks: 'A process runs more jobs of a category than it said it can.',
    file: 'migrations/functions/claim_within_limits.sql',
    find: 'least(v_free, v_room, v_rooms[v_place], v_own_rooms[v_own_place])',
    replace: 'least(v_free, v_room, v_rooms[v_place])',
    tests: ['tests/races/session-limits.test.ts'],
  },
  {
    name: 'limits-counted-side-by-side',
    breaks: 'Two claims of a worker at the same time both find room for the last job.',
    file: 'migrations/functions/room_of_worker.sql',
    find: ` and workers.revoked_at is null
  for no key update;`,
    replace: ' and workers.revoked_at is null;',
    tests: limits,
  },
  {
    name: 'claims-a-minute-not-spent',
    breaks: 'A worker takes any number of jobs a minute.',
    file: 'migrations/functions/claim_within_limits.sql',
    find: 'where v_taken > 0;',
    replace: 'where false;',
    tests: limits,
  },
  {
    name: 'expired-worker-served',
    breaks: 'A worker whose time is up is given jobs.',
    file: 'migrations/functions/room_of_worker.sql',
    find: 'if not found or v_worker.expires_at <= longshore.now() then',
    replace: 'if not found then',
    tests: limits,
  },
  {
    name: 'floor-moves-at-once',
    breaks: 'The claim floor passes a job whose submit commits late.',
    file: 'packages/db/src/claim-floors.ts',
    find: 'xmin >= known.xmax ? { floor, candidate, xmax } : known',
    replace: '{ floor, candidate, xmax }',
    tests: ['packages/db/src/claim-floors.test.ts'],
  },
  {
    name: 'floor-by-the-last-that-ended',
    breaks: 'The claim floor does not wait for transactions that began after the last one that has ended.',
    file: 'migrations/functions/claim_floors.sql',
    find: '(pg_snapshot_xmax(pg_current_snapshot())::text::bigint + age(pg_snapshot_xmax(pg_current_snapshot())::xid))::text::xid8',
    replace: 'pg_snapshot_xmax(pg_current_snapshot())',
    tests: ['tests/races/claim-floor.test.ts'],
  },
  {
    name: 'place-drawn-before-the-transaction-is-known',
    breaks:
      'The claim floor passes a job whose submit has drawn its place, and whose transaction nobody sees.',
    file: 'migrations/functions/insert_jobs.sql',
    find: 'perform pg_catalog.pg_current_xact_id();',
    replace: '',
    tests: ['tests/races/order-keys.test.ts'],
  },
  {
    name: 'place-of-a-new-job-drawn-before-the-transaction-is-known',
    breaks: 'The same on the short way of a submit.',
    file: 'migrations/functions/insert_new_jobs.sql',
    find: 'perform pg_catalog.pg_current_xact_id();',
    replace: '',
    tests: ['tests/races/order-keys.test.ts'],
  },
  {
    name: 'wake-lost-during-a-claim',
    breaks: 'A job that comes while its worker is asking waits for the next sweep.',
    file: 'apps/api/src/claim-group.ts',
    find: 'isAgain = true;',
    replace: '',
    tests: ['apps/api/src/claim-desk.test.ts'],
  },
];
