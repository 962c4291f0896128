import type { Mutant } from '../mutant.ts';

const authentication = ['apps/api/src/authentication.test.ts'];
const revocation = ['tests/end-to-end/revocation.test.ts'];
const keyTests = ['packages/db/src/keys.test.ts'];

/** Keys that work when they should not. */
export const keyMutants: readonly Mutant[] = [
  {
    name: 'revoked-key-works',
    breaks: 'A key that was revoked is as good as before.',
    file: 'migrations/functions/find_key.sql',
    find: `
    and keys.revoked_at is null`,
    replace: '',
    tests: revocation,
  },
  {
    name: 'expired-key-works',
    breaks: 'A key whose time is up is as good as before.',
    file: 'migrations/functions/find_key.sql',
    find: `
    and coalesce(keys.expires_at > longshore.now(), true)`,
    replace: '',
    tests: ['tests/end-to-end/keys.test.ts'],
  },
  {
    name: 'checksum-not-checked',
    breaks: 'Every garbage of the right form costs a look at the database.',
    file: 'packages/db/src/api-key.ts',
    find: 'pattern.test(text) && text.slice(-6) === checksum(text.slice(0, -6))',
    replace: 'pattern.test(text)',
    tests: ['packages/db/src/api-key.test.ts'],
  },
  {
    name: 'revocation-not-heard',
    breaks: 'A process that is told of a revocation goes on believing the key.',
    file: 'apps/api/src/authentication.ts',
    find: 'if (lookUp.orgId === undefined || changed.has(lookUp.orgId)) lookUps.delete(cacheKey);',
    replace: 'if (lookUp.orgId === undefined) lookUps.delete(cacheKey);',
    tests: authentication,
  },
  {
    name: 'key-believed-for-ever',
    breaks: 'A process that has seen a key once does not look again.',
    file: 'apps/api/src/authentication.ts',
    find: 'startedAtMs + Math.min(ttlMs, (found?.secondsLeft ?? ttlMs) * 1_000)',
    replace: 'Number.POSITIVE_INFINITY',
    tests: authentication,
  },
  {
    name: 'guesses-not-counted',
    breaks: 'A network may try as many keys as it likes.',
    file: 'apps/api/src/failed-attempts.ts',
    find: 'if (answer === null) noteFailure(tally);',
    replace: '',
    tests: ['apps/api/src/failed-attempts.test.ts'],
  },
  {
    name: 'session-outlives-its-last-key',
    breaks: 'A worker without a key keeps its jobs.',
    file: 'migrations/functions/revoke_key.sql',
    find: 'if found and longshore.has_lost_its_keys(p_org_id, v_worker_id) then',
    replace: 'if false then',
    tests: keyTests,
  },
  {
    name: 'two-last-keys',
    breaks: 'Of two keys that are revoked at the same time each takes the other for one that stays.',
    file: 'migrations/functions/revoke_key.sql',
    find: 'perform from longshore.workers where org_id = p_org_id and id = v_worker_id for no key update;',
    replace: '',
    tests: keyTests,
  },
  {
    name: 'role-not-asked',
    breaks: 'A key of any role may call every procedure.',
    file: 'apps/api/src/trpc/procedures.ts',
    find: '    requireRole(principal, roles);\n',
    replace: '',
    tests: ['tests/attack/role-matrix.test.ts'],
  },
  {
    name: 'answer-to-a-revoked-key',
    breaks: 'Whoever waits with a key that is revoked meanwhile still gets the answer.',
    file: 'apps/api/src/trpc/confirm-key.ts',
    find: '    await ctx.parts.authenticate(ctx);\n',
    replace: '',
    tests: revocation,
  },
];
