-- Fails the running attempt of jobs for their lease holders. p_items is an array of
-- {id, lease_token, error, is_retryable, retry_after_seconds}. Answers one row an item: scheduled (or available) when the
-- job has tries left and may be retried, failed when not, cancelled when somebody had asked for that;
-- is_accepted false when the lease was lost, with the job's present state.
create or replace function longshore.fail_jobs(p_org_id int, p_items json)
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
  v_ids      uuid[];
  v_tokens   uuid[];
  v_failures longshore.attempt_failure[];
begin
  perform longshore.enter_org(p_org_id);
  select array_agg(items.id), array_agg(items.lease_token)
  into v_ids, v_tokens
  from json_to_recordset(p_items) as items (id uuid, lease_token uuid);

  v_failures := array(
    select row(jobs.id, items.error, coalesce(items.is_retryable, true), items.retry_after_seconds, 'failed', jobs.lease_token)::longshore.attempt_failure
    from longshore.jobs
    join json_to_recordset(p_items) as items (
      id uuid, lease_token uuid, error jsonb, is_retryable boolean, retry_after_seconds double precision
    ) on items.id = jobs.id and items.lease_token = jobs.lease_token
    where jobs.org_id = p_org_id and jobs.id = any (v_ids) and jobs.state = 'running'
    order by jobs.id
    for update of jobs
  );

  return query
  select ended.id, null::uuid, ended.state, true, ended.state in ('failed', 'cancelled')
  from longshore.end_attempts(p_org_id, v_failures) as ended;

  if coalesce(cardinality(v_failures), 0) < cardinality(v_ids) then
    return query
    select * from longshore.refused_leases(
      p_org_id, v_ids, v_tokens,
      array(select failures.id from unnest(v_failures) as failures),
      array(select failures.lease_token from unnest(v_failures) as failures)
    );
  end if;
end
$$;
