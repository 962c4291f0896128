-- Ends sessions whose lease has run out and takes their jobs back: available again, their attempt unspent, or, after the
-- third rescue, failed as poison; the jobs of a worker that has expired go back uncounted. A session that was heard from since
-- the caller looked is left alone.
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
  v_dead    uuid[];
  v_expired uuid[];
begin
  perform longshore.enter_org(p_org_id);
  v_dead := array(
    select sessions.id
    from longshore.worker_sessions as sessions
    where sessions.org_id = p_org_id
      and sessions.id = any (p_session_ids)
      and sessions.ended_at is null
      and sessions.heartbeat_at + make_interval(secs => sessions.lease_seconds) < v_now
    order by sessions.id
    for update skip locked
  );

  update longshore.worker_sessions set ended_at = v_now, end_reason = 'dead'
  where org_id = p_org_id and id = any (v_dead);

  -- A worker whose time is up was silenced by us: that says nothing against its jobs.
  v_expired := array(
    select sessions.id
    from longshore.worker_sessions as sessions
    join longshore.workers on workers.org_id = sessions.org_id and workers.id = sessions.worker_id
    where sessions.org_id = p_org_id and sessions.id = any (v_dead) and workers.expires_at < v_now
  );
  return longshore.take_back_jobs(p_org_id, v_expired, 'released', null)
    + longshore.take_back_jobs(
      p_org_id, array(select dead.id from unnest(v_dead) as dead (id) where dead.id <> all (v_expired)), 'rescued', p_rescues_max
    );
end
$$;
