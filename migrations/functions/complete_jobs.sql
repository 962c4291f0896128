-- Completes jobs for their lease holders: moves them with their results to history, in one statement.
-- p_results[i] is that of p_ids[i], under p_lease_tokens[i]. Answers only what needs the caller's attention; an item without a row
-- was completed by this call. has_dependants says that other jobs waited for this one; is_accepted false that the lease
-- was lost and what state the job is in now; a repeat with the token that finished the job answers its recorded state.
create or replace function longshore.complete_jobs(p_org_id int, p_ids uuid[], p_lease_tokens uuid[], p_results json[])
returns table (id uuid, lease_token uuid, state longshore.job_state, is_accepted boolean, has_dependants boolean)
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
  v_done    uuid[];
  v_spent   uuid[];
  v_parents uuid[];
  v_batches text[];
begin
  perform longshore.enter_org(p_org_id);
  with gone as (
    delete from longshore.jobs
    using (
      -- Rows are locked in id order whatever the caller sent: both sides of the join come in it.
      select *
      from unnest(p_ids, p_lease_tokens, p_results) as sent (id, lease_token, result)
      order by sent.id
    ) as items
    where jobs.org_id = p_org_id
      and jobs.id = any (p_ids)
      and jobs.state = 'running'
      and jobs.id = items.id
      and jobs.lease_token = items.lease_token
    returning jobs.*, items.result
  ), kept as (
    insert into longshore.finished_jobs (
      org_id, id, route_id, run_at, created_at, started_at, finished_at, state, epoch, attempt, max_attempts, rescues,
      session_id, lease_token, timeout_seconds, payload, result, backoff, external_id, idempotency_key, batch_id,
      metadata, tags, created_by, cancelled_by, cancel_reason, attempts, progress_at, cancel_requested_at, output_lines
    )
    select
      org_id, id, route_id, run_at, created_at, started_at, v_now, 'completed', epoch, attempt, max_attempts, rescues,
      session_id, lease_token, timeout_seconds, payload, coalesce(result, 'null'), backoff, external_id, idempotency_key,
      batch_id, metadata, tags, created_by, cancelled_by, cancel_reason, attempts, progress_at, cancel_requested_at, output_lines
    from gone
  )
  select
    array_agg(gone.id),
    array_agg(gone.lease_token),
    array_agg(gone.id) filter (where gone.has_dependants),
    array_agg(distinct gone.batch_id) filter (where gone.batch_id is not null)
  into v_done, v_spent, v_parents, v_batches
  from gone;

  if v_parents is not null or v_batches is not null then
    return query
    select settled.id, null::uuid, 'completed'::longshore.job_state, true, true
    from longshore.settle_dependants(p_org_id, v_parents, v_batches, 'completed') as settled;
  end if;

  if coalesce(cardinality(v_done), 0) < cardinality(p_ids) then
    return query
    select * from longshore.refused_leases(p_org_id, p_ids, p_lease_tokens, v_done, v_spent);
  end if;
end
$$;
