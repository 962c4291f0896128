-- Cancels jobs: a waiting one at once, a running one by asking its worker, which hears of it with its next heartbeat.
-- Answers one row an id: the state after the call, null when there is no such job; is_accepted false when it had
-- completed or failed before; session_id of whoever runs it and was asked.
create or replace function longshore.cancel_jobs(p_org_id int, p_ids uuid[], p_cancelled_by text, p_reason text)
returns table (id uuid, state longshore.job_state, is_accepted boolean, session_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_now     timestamptz := longshore.now();
  v_live    uuid[];
  v_waiting uuid[];
begin
  perform longshore.enter_org(p_org_id);
  v_live := array(
    select jobs.id from longshore.jobs where jobs.org_id = p_org_id and jobs.id = any (p_ids) order by jobs.id for update
  );

  update longshore.jobs
  set cancel_requested_at = v_now, cancelled_by = p_cancelled_by, cancel_reason = p_reason
  where org_id = p_org_id and id = any (v_live) and cancel_requested_at is null;

  v_waiting := array(
    select jobs.id from longshore.jobs where jobs.org_id = p_org_id and jobs.id = any (v_live) and jobs.state <> 'running'
  );
  perform longshore.archive_jobs(p_org_id, v_waiting, 'cancelled', null, v_now) where v_waiting <> '{}';

  return query
  select asked.id, now_in.state, now_in.state in ('running', 'cancelled'), (
    select jobs.session_id from longshore.jobs where jobs.org_id = p_org_id and jobs.id = asked.id
  )
  from unnest(p_ids) as asked (id)
  cross join lateral (select longshore.job_state(p_org_id, asked.id) as state) as now_in;
end
$$;
