-- Scheduled jobs of all orgs whose time has come, longest waiting first.
create or replace function longshore.due_jobs(p_limit int) returns table (org_id int, id uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jobs.org_id, jobs.id
  from longshore.jobs
  where jobs.order_key = 0 and jobs.state = 'scheduled' and jobs.run_at <= (select longshore.now())
  order by jobs.run_at
  limit p_limit
$$;
