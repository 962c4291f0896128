-- Ends sessions whose lease has run out and takes their jobs back: available again, their attempt unspent, or, after the
-- third rescue, failed as poison; the same for sessions that ended before and left jobs that somebody held locked then.
-- A rescue counts only where a session fell silent by itself. One that was heard from since the caller looked is left alone.
-- Returns how many jobs were taken back.
create or replace function longshore.rescue_jobs(p_org_id int, p_session_ids uuid[], p_rescues_max int default 3) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
declare
  v_now     timestamptz := longshore.now();
  v_over    uuid[];
  v_counted uuid[];
begin
  perform longshore.enter_org(p_org_id);
  v_over := array(
    select sessions.id
    from longshore.worker_sessions as sessions
    where sessions.org_id = p_org_id
      and sessions.id = any (p_session_ids)
      and case
        when sessions.ended_at is null then sessions.heartbeat_at + make_interval(secs => sessions.lease_seconds) < v_now
        else sessions.has_jobs_left
      end
    order by sessions.id
    for update skip locked
  );
  update longshore.worker_sessions set ended_at = v_now, end_reason = 'dead'
  where org_id = p_org_id and id = any (v_over) and ended_at is null;

  -- A worker whose time is up, or whose keys are over, was silenced by us: that says nothing against its jobs.
  v_counted := array(
    select sessions.id
    from longshore.worker_sessions as sessions
    join longshore.workers on workers.org_id = sessions.org_id and workers.id = sessions.worker_id
    where sessions.org_id = p_org_id
      and sessions.id = any (v_over)
      and sessions.end_reason = 'dead'
      and coalesce(workers.expires_at >= v_now, true)
      and not longshore.has_lost_its_keys(p_org_id, workers.id)
  );
  return longshore.take_back_jobs(p_org_id, v_counted, 'rescued', p_rescues_max)
    + longshore.take_back_jobs(
      p_org_id, array(select ended.id from unnest(v_over) as ended (id) where ended.id <> all (v_counted)), 'released', null
    );
end
$$;
