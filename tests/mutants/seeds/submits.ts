import type { Mutant } from '../mutant.ts';

const verbs = ['tests/conformance/sql.test.ts'];

/** Submits that are stored twice, in part, or not told of. */
export const submitMutants: readonly Mutant[] = [
  {
    name: 'idempotency-key-of-all-orgs',
    breaks: 'An org cannot use an idempotency key that another org has used.',
    file: 'migrations/0002_jobs.sql',
    find: 'constraint idempotency_keys_pk primary key (org_id, key)',
    replace: `constraint idempotency_keys_pk primary key (org_id, key),
  constraint idempotency_keys_key_is_unique unique (key)`,
    tests: verbs,
  },
  {
    name: 'input-not-compared',
    breaks: 'Another job with the same idempotency key is taken for a repeat, and never runs.',
    file: 'migrations/functions/take_idempotency_key.sql',
    find: 'case when v_holder.input_hash = p_input_hash then v_holder.job_id end',
    replace: 'v_holder.job_id',
    tests: verbs,
  },
  {
    name: 'key-free-while-its-job-lives',
    breaks: 'A repeat makes a second job while the first is still waiting.',
    file: 'migrations/functions/holds_idempotency_key.sql',
    find: `select exists (select from longshore.jobs where org_id = p_org_id and id = p_job_id)
    or coalesce(`,
    replace: 'select coalesce(',
    tests: verbs,
  },
  {
    name: 'key-pruned-while-it-holds',
    breaks: 'Pruning makes an idempotency key free whose job still lives.',
    file: 'migrations/functions/prune_rows.sql',
    find: `
      and not longshore.holds_idempotency_key(old.org_id, old.job_id, old.hold_seconds, old.created_at)`,
    replace: '',
    tests: ['packages/db/src/retention.test.ts'],
  },
  {
    name: 'finished-job-submitted-anew',
    breaks: 'A submit that is repeated after its job has finished runs the job again.',
    file: 'migrations/functions/submit_jobs.sql',
    find: 'v_held || v_repeats)',
    replace: 'v_held)',
    tests: verbs,
  },
  {
    name: 'late-submit-stored-twice',
    breaks: 'A first submit that comes after its repeat has finished runs the job again.',
    file: 'migrations/functions/refuse_late_sends.sql',
    find: 'if exists (',
    replace: 'if false and exists (',
    tests: ['packages/db/src/late-submits.test.ts'],
  },
  {
    name: 'finishing-job-submitted-anew',
    breaks: 'A submit that is repeated while its job finishes runs the job again.',
    file: 'migrations/functions/find_repeats.sql',
    find: `
  order by jobs.id
  for key share`,
    replace: '',
    tests: ['tests/races/idempotency.test.ts'],
  },
  {
    name: 'atomic-batch-stored-in-part',
    breaks: 'A batch of all or nothing is stored without the job that was bad.',
    file: 'migrations/functions/submit_jobs.sql',
    find: "if p_is_atomic and v_orphans <> '{}' then",
    replace: 'if false then',
    tests: verbs,
  },
  {
    name: 'woken-before-the-commit',
    breaks: 'Whoever waits looks before the job is there, and then waits for the next sweep.',
    file: 'apps/api/src/verbs.ts',
    find: `    const answers = await lifecycle.submit(orgId, jobs, { isAtomic, createdBy: keyId });
    if (hasState(answers, 'scheduled')) noteScheduled();
    if (hasState(answers, 'available')) {
      wake(orgId);`,
    replace: `    wake(orgId);
    const answers = await lifecycle.submit(orgId, jobs, { isAtomic, createdBy: keyId });
    if (hasState(answers, 'scheduled')) noteScheduled();
    if (hasState(answers, 'available')) {`,
    tests: ['apps/api/src/verbs.test.ts'],
  },
  {
    name: 'one-bad-item-fails-its-neighbours',
    breaks: 'A call that cannot be done fails all that were gathered with it.',
    file: 'apps/api/src/gatherer.ts',
    find: 'const isOver = group.length === 1 ||',
    replace: 'const isOver = group.length >= 1 ||',
    tests: ['apps/api/src/gatherer.test.ts'],
  },
];
