-- Orgs with blocked jobs that wait for something which is over.
create or replace function longshore.due_unblocks(p_limit int) returns table (org_id int)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select ties.org_id from longshore.job_dependencies as ties where ties.outcome is not null
  union
  select ties.org_id
  from longshore.job_dependencies as ties
  where ties.batch_id is not null
    and not exists (select from longshore.jobs where jobs.org_id = ties.org_id and jobs.batch_id = ties.batch_id)
  limit p_limit
$$;
