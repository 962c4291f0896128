-- Ends a session that says goodbye and gives back, unspent, what it still holds, as far as nobody else has it
-- locked; see take_back_jobs. Returns how many jobs that were; closing a session that has ended already does nothing.
create or replace function longshore.close_session(p_org_id int, p_session_id uuid) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
begin
  perform longshore.enter_org(p_org_id);
  -- Waits for a claim that is under way, whose jobs would be overlooked; see claim_jobs.
  perform from longshore.worker_sessions where org_id = p_org_id and id = p_session_id and ended_at is null for update;
  update longshore.worker_sessions set ended_at = longshore.now(), end_reason = 'closed'
  where org_id = p_org_id and id = p_session_id and ended_at is null;
  if not found then
    return 0;
  end if;
  return longshore.take_back_jobs(p_org_id, array[p_session_id], 'released', null);
end
$$;
