-- How many jobs these sessions run now, each by category. Found by what their claims were given: jobs has no index on who runs
-- them.
create or replace function longshore.load_of_sessions(p_org_id int, p_session_ids uuid[])
returns table (session_id uuid, category text, running int)
language sql stable
as $$
  select jobs.session_id, routes.category, count(*)::int
  from longshore.jobs
  join longshore.routes on routes.org_id = jobs.org_id and routes.id = jobs.route_id
  where jobs.org_id = p_org_id
    and jobs.state = 'running'
    and jobs.id = any (array(
      select unnest(claims.job_ids)
      from longshore.session_claims as claims
      where claims.org_id = p_org_id and claims.session_id = any (p_session_ids)
    ))
    and jobs.session_id = any (p_session_ids)
  group by jobs.session_id, routes.category
$$;
