import type { Mutant } from '../mutant.ts';

const verbs = ['tests/conformance/sql.test.ts'];
const walls = ['tests/attack/catalogue.test.ts'];

/** Holes in either of the two walls between orgs: the predicates of the statements, and row-level security. */
export const tenantMutants: readonly Mutant[] = [
  {
    name: 'complete-across-orgs',
    breaks: 'An org completes the job of another.',
    file: 'migrations/functions/complete_jobs.sql',
    find: `
    where jobs.org_id = p_org_id
      and jobs.id = any (p_ids)`,
    replace: `
    where jobs.id = any (p_ids)`,
    tests: verbs,
  },
  {
    name: 'heartbeat-across-orgs',
    breaks: 'An org learns that a session of another is open.',
    file: 'migrations/functions/heartbeat_sessions.sql',
    find: `
    where sessions.org_id = p_org_id
      and sessions.id`,
    replace: `
    where sessions.id`,
    tests: verbs,
  },
  {
    name: 'read-across-orgs',
    breaks: 'The statement that reads a live job does not name the org, and one wall is left.',
    file: 'packages/db/src/job-reads.ts',
    find: `
      .selectFrom('longshore.live_jobs')
      .selectAll()
      .where('org_id', '=', orgId)`,
    replace: `
      .selectFrom('longshore.live_jobs')
      .selectAll()`,
    tests: ['tests/conformance/first-wall.test.ts'],
  },
  {
    name: 'table-without-policy',
    breaks: 'A table has no row-level security.',
    file: 'migrations/grants.sql',
    find: "and (relname = 'orgs' or exists (",
    replace: "and relname <> 'job_output' and (relname = 'orgs' or exists (",
    tests: walls,
  },
  {
    name: 'policy-not-forced',
    breaks: 'Row-level security does not hold for the owner of a table.',
    file: 'migrations/functions/wall_off_table.sql',
    find: 'enable row level security, force row level security',
    replace: 'enable row level security',
    tests: walls,
  },
  {
    name: 'policy-lets-everything-through',
    breaks: 'Row-level security shows the rows of every org.',
    file: 'migrations/functions/wall_off_table.sql',
    find: "using (nullif(current_setting('longshore.org_id', true), '')::int in (%s))",
    replace: 'using (true)',
    tests: walls,
  },
  {
    name: 'hashes-shown-to-the-api',
    breaks: 'The login of an API process can read the hashes of keys.',
    file: 'migrations/grants.sql',
    find: 'org_id, id, role, name, start, last4, worker_id,',
    replace: 'org_id, id, role, name, hash, start, last4, worker_id,',
    tests: ['packages/db/src/keys.test.ts'],
  },
  {
    name: 'login-names-any-org',
    breaks: 'Whoever may submit by SQL for one org may do so for all.',
    file: 'migrations/functions/org_of_login.sql',
    find: 'where logins.login = session_user and orgs.id <> 0',
    replace: 'where orgs.id <> 0',
    tests: ['packages/db/src/logins.test.ts'],
  },
  {
    name: 'session-of-another-worker',
    breaks: 'A worker claims for the session of a colleague, with what only the colleague may do.',
    file: 'apps/api/src/session-book.ts',
    find: 'session.orgId === orgId && session.workerId === workerId',
    replace: 'session.orgId === orgId',
    tests: ['apps/api/src/session-book.test.ts'],
  },
  {
    name: 'audit-row-for-another-org',
    breaks: 'An org writes into the audit log of another.',
    file: 'migrations/functions/append_audit.sql',
    find: 'if v_acting_org is null or v_acting_org not in (0, p_org_id) then',
    replace: 'if v_acting_org is null then',
    tests: ['packages/db/src/audit-walls.test.ts'],
  },
  {
    name: 'audit-row-missing',
    breaks: 'Nobody can tell who revoked a key.',
    file: 'packages/db/src/keys.ts',
    find: "await appendAudit(transaction, orgId, actor, { action: 'keys.revoke', target: id });",
    replace: '',
    tests: ['tests/end-to-end/audit-rows.test.ts'],
  },
  {
    name: 'audit-rows-not-chained',
    breaks: 'Rows can be taken out of the audit log and nobody sees it.',
    file: 'migrations/functions/append_audit.sql',
    find: 'v_row.previous_hash := v_head.hash;',
    replace: 'v_row.previous_hash := longshore.audit_genesis(p_org_id);',
    tests: ['packages/db/src/audit-chain.test.ts'],
  },
];
