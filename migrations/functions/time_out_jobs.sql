-- Ends the attempts of an org that are past their timeout, as failed attempts, and the running jobs that somebody asked to
-- cancel p_cancel_grace_seconds ago and whose worker has not obeyed. Returns, for each attempt it ended, the session that ran
-- it, which should hear of it soon.
-- Waits for nobody: what somebody else holds locked is as due as before.
create or replace function longshore.time_out_jobs(p_org_id int, p_limit int, p_cancel_grace_seconds double precision default 30)
returns table (session_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_now     timestamptz := longshore.now();
  v_claims  bigint[];
  v_overdue longshore.attempt_failure[];
  v_runners uuid[];
begin
  perform longshore.enter_org(p_org_id);
  v_claims := array(
    select claims.id
    from longshore.session_claims as claims
    where claims.deadline_at < v_now and claims.org_id = p_org_id
    order by claims.deadline_at
    limit p_limit
    for update skip locked
  );

  v_overdue := array(
    select row(
      jobs.id,
      case when jobs.cancel_requested_at is null then jsonb_build_object(
        'code', 'TIMEOUT', 'name', 'TimeoutError', 'message', format('ran longer than its %s seconds', jobs.timeout_seconds)
      ) end,
      true, null, case when jobs.cancel_requested_at is null then 'timed_out' else 'cancelled' end, jobs.lease_token
    )::longshore.attempt_failure
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.state = 'running'
      and (
        jobs.started_at + make_interval(secs => jobs.timeout_seconds) < v_now
        or jobs.cancel_requested_at + make_interval(secs => p_cancel_grace_seconds) < v_now
      )
      and jobs.id = any (
        array(
          select unnest(claims.job_ids) from longshore.session_claims as claims
          where claims.org_id = p_org_id and claims.deadline_at < v_now and claims.id = any (v_claims)
        ) || array(
          select asked.id from longshore.jobs as asked
          where asked.org_id = p_org_id
            and asked.cancel_requested_at < v_now - make_interval(secs => p_cancel_grace_seconds)
          limit p_limit
        )
      )
    order by jobs.id
    for update of jobs skip locked
  );
  v_runners := array(
    select jobs.session_id
    from longshore.jobs
    where jobs.org_id = p_org_id and jobs.id = any (array(select overdue.id from unnest(v_overdue) as overdue))
  );
  perform longshore.end_attempts(p_org_id, v_overdue) where v_overdue <> '{}';

  update longshore.session_claims as claims
  set deadline_at = (
    -- Never before now: those that are left behind must not fill the next batch for ever.
    select min(greatest(jobs.started_at + make_interval(secs => jobs.timeout_seconds), v_now))
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.id = any (claims.job_ids)
      and jobs.session_id = claims.session_id
      and jobs.timeout_seconds is not null
  )
  where claims.org_id = p_org_id and claims.deadline_at < v_now and claims.id = any (v_claims);
  return query select unnest(v_runners);
end
$$;
