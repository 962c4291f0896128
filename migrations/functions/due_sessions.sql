-- Open sessions of all orgs whose lease has run out. A hint, as all due_ functions give: the verb looks again.
create or replace function longshore.due_sessions(p_limit int) returns table (org_id int, id uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select sessions.org_id, sessions.id
  from longshore.worker_sessions as sessions
  where sessions.ended_at is null
    and sessions.heartbeat_at + make_interval(secs => sessions.lease_seconds) < longshore.now()
  limit p_limit
$$;
