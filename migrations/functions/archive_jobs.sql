-- Moves live jobs, which the caller has locked, to history in a final state other than completed.
-- p_errors[i] belongs to p_ids[i]; null for cancelled jobs. Running jobs keep the token of the lease that ends here.
create or replace function longshore.archive_jobs(
  p_org_id int, p_ids uuid[], p_state longshore.job_state, p_errors jsonb[], p_now timestamptz
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_parents uuid[];
  v_batches text[];
begin
  with gone as (
    delete from longshore.jobs where org_id = p_org_id and id = any (p_ids) returning *
  ), kept as (
    insert into longshore.finished_jobs (
      org_id, id, route_id, run_at, created_at, started_at, finished_at, state, epoch, attempt, max_attempts, rescues,
      session_id, lease_token, timeout_seconds, payload, error, backoff, external_id, idempotency_key, batch_id,
      metadata, tags, created_by, cancelled_by, cancel_reason, attempts, progress_at, cancel_requested_at, output_lines
    )
    select
      org_id, id, route_id, run_at, created_at, started_at, p_now, p_state, epoch, attempt, max_attempts, rescues,
      session_id, lease_token, timeout_seconds, payload, p_errors[array_position(p_ids, id)], backoff, external_id,
      idempotency_key, batch_id, metadata, tags, created_by, cancelled_by, cancel_reason, attempts,
      progress_at, cancel_requested_at, output_lines
    from gone
  )
  select
    array_agg(gone.id) filter (where gone.has_dependants),
    array_agg(distinct gone.batch_id) filter (where gone.batch_id is not null)
  into v_parents, v_batches
  from gone;

  perform from longshore.job_dependencies as ties
  where ties.org_id = p_org_id and ties.job_id = any (p_ids)
  order by ties.job_id, ties.parent_id
  for update;
  delete from longshore.job_dependencies where org_id = p_org_id and job_id = any (p_ids);
  perform longshore.settle_dependants(p_org_id, v_parents, v_batches, p_state);
end
$$;
