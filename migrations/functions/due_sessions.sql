-- Sessions of all orgs to take jobs back from: open ones whose lease has run out, and those that have ended but left jobs.
-- Longest silent first, but of each org its first before the second of any: none can fill the batch while others wait.
-- A hint, as all due_ functions give: the verb looks again.
create or replace function longshore.due_sessions(p_limit int) returns table (org_id int, id uuid, has_ended boolean)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select due.org_id, due.id, due.has_ended
  from (
    select silent.*, row_number() over (partition by silent.org_id order by silent.has_ended, silent.heartbeat_at) as place
    from (
      select sessions.org_id, sessions.id, false as has_ended, sessions.heartbeat_at
      from longshore.worker_sessions as sessions
      where sessions.ended_at is null
        and sessions.heartbeat_at + make_interval(secs => sessions.lease_seconds) < (select longshore.now())
      union all
      select sessions.org_id, sessions.id, true, sessions.heartbeat_at
      from longshore.worker_sessions as sessions
      where sessions.has_jobs_left
    ) as silent
  ) as due
  order by due.place, due.heartbeat_at
  limit p_limit
$$;
