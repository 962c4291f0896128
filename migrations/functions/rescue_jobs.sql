-- Ends sessions whose lease has run out and takes their jobs back: available again, their attempt unspent, or, after the
-- third rescue, failed as poison. A session that was heard from since the caller looked is left alone.
-- Returns how many jobs were taken back.
create or replace function longshore.rescue_jobs(p_org_id int, p_session_ids uuid[], p_rescues_max int default 3) returns int
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
declare
  v_now  timestamptz := longshore.now();
  v_dead uuid[];
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

  return longshore.take_back_jobs(p_org_id, v_dead, 'rescued', p_rescues_max);
end
$$;
