-- Ends the open sessions of workers that may act no more, which the caller has locked, and gives back, unspent, what they
-- hold, as far as nobody else has it locked; see take_back_jobs. Returns how many jobs that were.
create or replace function longshore.end_worker_sessions(p_org_id int, p_worker_ids uuid[]) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended uuid[];
begin
  -- All before any of their jobs, in id order, as heartbeats and claims of several sessions lock them.
  v_ended := array(
    select sessions.id
    from longshore.worker_sessions as sessions
    where sessions.org_id = p_org_id and sessions.worker_id = any (p_worker_ids) and sessions.ended_at is null
    order by sessions.id
    for update
  );
  if v_ended = '{}' then
    return 0;
  end if;
  update longshore.worker_sessions set ended_at = longshore.now(), end_reason = 'revoked'
  where org_id = p_org_id and id = any (v_ended);
  return longshore.take_back_jobs(p_org_id, v_ended, 'released', null);
end
$$;
