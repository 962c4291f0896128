import type { TestDatabase } from '@longshore/test-kit';

/** What ties a row to another by id alone, where no foreign key holds both to one org; see docs/decisions/0006. */
const ties: [title: string, sql: string][] = [
  [
    'job_dependencies.parent_id',
    `from longshore.job_dependencies as ties
     where parent_id is not null
       and not exists (select from longshore.jobs where org_id = ties.org_id and id = ties.parent_id)
       and not exists (select from longshore.finished_jobs as done where done.org_id = ties.org_id and done.id = ties.parent_id)`,
  ],
  [
    'jobs.route_id',
    `from longshore.jobs where not exists (
       select from longshore.routes where routes.org_id = jobs.org_id and routes.id = jobs.route_id
     )`,
  ],
  [
    'jobs.session_id',
    `from longshore.jobs where session_id is not null and not exists (
       select from longshore.worker_sessions as s where s.org_id = jobs.org_id and s.id = jobs.session_id
     )`,
  ],
  [
    'finished_jobs.route_id',
    `from longshore.finished_jobs as done where not exists (
       select from longshore.routes where routes.org_id = done.org_id and routes.id = done.route_id
     )`,
  ],
  [
    'job_output.job_id',
    `from longshore.job_output as output
     where not exists (select from longshore.jobs where org_id = output.org_id and id = output.job_id)
       and not exists (select from longshore.finished_jobs as done where done.org_id = output.org_id and done.id = output.job_id)`,
  ],
];

/** Rows that point at nothing of their own org, by the column that does; empty when there are none. */
export const countCrossedRows = async (
  database: Pick<TestDatabase, 'query'>,
): Promise<Record<string, number>> => {
  const crossed: Record<string, number> = {};
  for (const [title, sql] of ties) {
    const [row] = await database.query<{ count: number }>(`select count(*)::int as count ${sql}`);
    if (row!.count > 0) crossed[title] = row!.count;
  }
  return crossed;
};
