-- Ends the leases of running jobs, which the caller has locked, without spending their attempts: p_delay_seconds[i] later
-- when given, else at once. A job that somebody asked to cancel is cancelled instead. Returns the new states.
create or replace function longshore.give_back(p_org_id int, p_ids uuid[], p_outcome text, p_delay_seconds double precision[])
returns table (id uuid, state longshore.job_state)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now       timestamptz := longshore.now();
  v_cancelled uuid[];
  v_available uuid[];
begin
  update longshore.jobs
  set
    attempts = longshore.add_attempt(
      attempts, attempt, p_outcome, started_at, v_now, session_id, jsonb_build_object('progress_at', progress_at)
    ),
    progress_at = null,
    attempt = greatest(attempt - 1, 0),
    rescues = rescues + case when p_outcome = 'rescued' then 1 else 0 end
  where org_id = p_org_id and id = any (p_ids);

  v_cancelled := array(
    select jobs.id from longshore.jobs
    where org_id = p_org_id and id = any (p_ids) and cancel_requested_at is not null
  );
  perform longshore.archive_jobs(p_org_id, v_cancelled, 'cancelled', null, v_now) where v_cancelled <> '{}';

  v_available := array(
    select given.id
    from unnest(p_ids, p_delay_seconds) as given (id, delay_seconds)
    where given.id <> all (v_cancelled) and coalesce(given.delay_seconds, 0) <= 0
  );
  perform longshore.make_available(p_org_id, v_available, v_now) where v_available <> '{}';

  update longshore.jobs
  set
    state = 'scheduled',
    order_key = 0,
    run_at = v_now + make_interval(secs => given.delay_seconds),
    session_id = null,
    lease_token = null,
    started_at = null,
    progress = null
  from unnest(p_ids, p_delay_seconds) as given (id, delay_seconds)
  where jobs.org_id = p_org_id and jobs.id = any (p_ids) and jobs.id = given.id and given.delay_seconds > 0;

  return query
  select
    given.id,
    case
      when given.id = any (v_cancelled) then 'cancelled'
      when given.id = any (v_available) then 'available'
      else 'scheduled'
    end::longshore.job_state
  from unnest(p_ids) as given (id);
end
$$;
