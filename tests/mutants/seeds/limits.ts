import type { Mutant } from '../mutant.ts';

/** Limits that do not limit. */
export const limitMutants: readonly Mutant[] = [
  {
    name: 'batch-costs-one',
    breaks: 'A thousand jobs in one call cost as much of the rate limit as one.',
    file: 'apps/api/src/trpc/procedures.ts',
    find: 'return list ? Math.min(list.length, limits.batchJobsMax) : 1;',
    replace: 'return list ? Math.min(1, limits.batchJobsMax) : 1;',
    tests: ['apps/api/src/rate-costs.test.ts'],
  },
  {
    name: 'bucket-without-bottom',
    breaks: 'API processes together allow more than the rate limit.',
    file: 'migrations/functions/draw_tokens.sql',
    find: 'case when v_room >= p_needed then least(p_wanted, floor(v_room)::int) else 0 end',
    replace: 'p_wanted',
    tests: ['apps/api/src/rate-limits.test.ts'],
  },
  {
    name: 'size-not-limited',
    breaks: 'A payload may be as large as a request.',
    file: 'apps/api/src/json-size.ts',
    find: 'if (found > allowed) {',
    replace: 'if (found > 1_000 * allowed) {',
    tests: ['apps/api/src/json-size.test.ts'],
  },
  {
    name: 'size-not-limited-by-sql',
    breaks: 'A payload that comes by SQL may have any size.',
    file: 'migrations/functions/check_submit.sql',
    find: 'longshore.wrong_json(v_value, 1048576)',
    replace: 'longshore.wrong_json(v_value, 1073741824)',
    tests: ['tests/conformance/values-over-sql.test.ts'],
  },
];
