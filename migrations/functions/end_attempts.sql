-- Ends the running attempts of jobs, which the caller has locked: the one place that decides between another try, the
-- dead letters and a cancel that was asked for. Returns the new states.
create or replace function longshore.end_attempts(p_org_id int, p_failures longshore.attempt_failure[])
returns table (id uuid, state longshore.job_state)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now       timestamptz := longshore.now();
  v_ids       uuid[] := array(select failures.id from unnest(p_failures) as failures);
  v_cancelled uuid[];
  v_failed    uuid[];
  v_errors    jsonb[];
  v_due_now   uuid[];
begin
  update longshore.jobs
  set
    attempts = longshore.add_attempt(
      jobs.attempts, jobs.attempt, failures.outcome, jobs.started_at, v_now, jobs.session_id,
      jsonb_build_object(
        'error', failures.error,
        'progress_at', jobs.progress_at,
        'retry_at', case
          when jobs.cancel_requested_at is null and jobs.attempt < jobs.max_attempts and failures.is_retryable
          then v_now + make_interval(secs => coalesce(
            failures.retry_after_seconds, longshore.backoff_seconds(jobs.backoff, jobs.attempt, jobs.lease_token)
          ))
        end
      )
    ),
    progress_at = null
  from unnest(p_failures) as failures
  where jobs.org_id = p_org_id and jobs.id = any (v_ids) and jobs.id = failures.id;

  select
    array_agg(jobs.id) filter (where jobs.cancel_requested_at is not null),
    array_agg(jobs.id) filter (where ends.is_final),
    array_agg(failures.error) filter (where ends.is_final)
  into v_cancelled, v_failed, v_errors
  from unnest(p_failures) as failures
  join longshore.jobs on jobs.org_id = p_org_id and jobs.id = any (v_ids) and jobs.id = failures.id
  cross join lateral (
    select jobs.cancel_requested_at is null
      and (jobs.attempt >= jobs.max_attempts or not failures.is_retryable) as is_final
  ) as ends;

  perform longshore.archive_jobs(p_org_id, v_cancelled, 'cancelled', null, v_now) where v_cancelled is not null;
  perform longshore.archive_jobs(p_org_id, v_failed, 'failed', v_errors, v_now) where v_failed is not null;

  with retried as (
    update longshore.jobs
    set
      state = 'scheduled',
      order_key = 0,
      run_at = (jobs.attempts -> -1 ->> 'retry_at')::timestamptz,
      session_id = null,
      lease_token = null,
      started_at = null,
      progress = null
    from unnest(p_failures) as failures
    where jobs.org_id = p_org_id and jobs.id = any (v_ids) and jobs.id = failures.id
    returning jobs.id, jobs.run_at
  )
  select array_agg(retried.id) into v_due_now from retried where retried.run_at <= v_now;
  perform longshore.make_available(p_org_id, v_due_now, v_now) where v_due_now is not null;

  return query
  select
    failures.id,
    case
      when failures.id = any (v_cancelled) then 'cancelled'
      when failures.id = any (v_failed) then 'failed'
      when failures.id = any (v_due_now) then 'available'
      else 'scheduled'
    end::longshore.job_state
  from unnest(p_failures) as failures;
end
$$;
