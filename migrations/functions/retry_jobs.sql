-- Makes jobs run again: failed and cancelled ones come back from history with their id, with at least one attempt left;
-- scheduled ones stop waiting. Answers one row an id: the state after the call, null when there is no such job;
-- is_accepted false when the job is completed, blocked or running. Who asked, and how the job had ended, go into its trail.
create or replace function longshore.retry_jobs(p_org_id int, p_ids uuid[], p_retried_by text default null)
returns table (id uuid, state longshore.job_state, is_accepted boolean)
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
  v_now      timestamptz := longshore.now();
  v_revived  uuid[];
  v_waiting  uuid[];
begin
  perform longshore.enter_org(p_org_id);
  -- First of all: a cancel that is under way puts its job into history, where the next look finds it.
  perform from longshore.jobs
  where jobs.org_id = p_org_id and jobs.id = any (p_ids) and jobs.state = 'scheduled'
  order by jobs.id
  for update;

  perform from longshore.finished_jobs as done
  where done.org_id = p_org_id and done.id = any (p_ids) and done.state in ('failed', 'cancelled')
  order by done.id
  for update;

  with back as (
    delete from longshore.finished_jobs
    where org_id = p_org_id and id = any (p_ids) and state in ('failed', 'cancelled')
    returning *
  ), revived as (
    insert into longshore.jobs (
      org_id, id, route_id, state, order_key, run_at, created_at, epoch, attempt, max_attempts, payload, timeout_seconds,
      backoff, external_id, idempotency_key, batch_id, metadata, tags, created_by, output_lines, attempts
    )
    select
      org_id, id, route_id, 'scheduled', 0, v_now, created_at, epoch, attempt, greatest(max_attempts, attempt + 1), payload,
      timeout_seconds, backoff, external_id, idempotency_key, batch_id, metadata, tags, created_by, output_lines,
      longshore.add_attempt(attempts, attempt, 'retried', null, v_now, null, jsonb_build_object(
        'by', p_retried_by, 'state', state, 'error', error, 'finished_at', finished_at,
        'cancel_requested_at', cancel_requested_at, 'cancelled_by', cancelled_by, 'cancel_reason', cancel_reason
      ))
    from back
    on conflict do nothing
    returning id
  )
  select array_agg(revived.id) into v_revived from revived;

  v_waiting := array(
    select jobs.id from longshore.jobs
    where jobs.org_id = p_org_id and jobs.id = any (p_ids) and jobs.state = 'scheduled'
    order by jobs.id
    for update
  );
  update longshore.jobs
  set attempts = longshore.add_attempt(
    attempts, attempt, 'retried', null, v_now, null, jsonb_build_object('by', p_retried_by)
  )
  where org_id = p_org_id and id = any (array(select unnest(v_waiting) except select unnest(v_revived)));
  perform longshore.make_available(p_org_id, v_waiting, v_now) where v_waiting <> '{}';

  return query
  select asked.id, now_in.state, coalesce(now_in.state = 'available', false)
  from unnest(p_ids) as asked (id)
  cross join lateral (select longshore.job_state(p_org_id, asked.id) as state) as now_in;
end
$$;
