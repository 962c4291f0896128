-- Scheduled jobs of all orgs whose time has come, longest waiting first; with p_after only those whose time came after it.
create or replace function longshore.due_jobs(p_limit int, p_after timestamptz default null)
returns table (org_id int, id uuid, run_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jobs.org_id, jobs.id, jobs.run_at
  from longshore.jobs
  where jobs.order_key = 0
    and jobs.state = 'scheduled'
    and jobs.run_at <= (select longshore.now())
    and jobs.run_at > coalesce(p_after, '-infinity')
  order by jobs.run_at
  limit p_limit
$$;
