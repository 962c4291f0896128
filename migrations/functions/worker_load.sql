-- How many jobs a worker runs now, all its sessions together, by category. Found by what its claims were given: jobs has no
-- index on who runs them.
create or replace function longshore.worker_load(p_org_id int, p_worker_id uuid) returns table (category text, running int)
language sql stable
as $$
  select routes.category, count(*)::int
  from longshore.jobs
  join longshore.routes on routes.org_id = jobs.org_id and routes.id = jobs.route_id
  where jobs.org_id = p_org_id
    and jobs.state = 'running'
    and jobs.id = any (array(
      select unnest(claims.job_ids)
      from longshore.worker_sessions as sessions
      join longshore.session_claims as claims on claims.org_id = sessions.org_id and claims.session_id = sessions.id
      where sessions.org_id = p_org_id and sessions.worker_id = p_worker_id and sessions.ended_at is null
    ))
    and jobs.session_id = any (array(
      select sessions.id
      from longshore.worker_sessions as sessions
      where sessions.org_id = p_org_id and sessions.worker_id = p_worker_id and sessions.ended_at is null
    ))
  group by routes.category
$$;
