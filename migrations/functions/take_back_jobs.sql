-- Takes the running jobs from sessions that have ended and that the caller has locked. A job rescued p_rescues_max times is
-- failed as poison: it has probably killed its workers. Waits for nobody, so that no stranger's open transaction holds up a
-- revocation or other jobs: a job that somebody else holds locked, such as one that a submit depends on, stays on the books,
-- and its session is due (see due_sessions) until the job is taken too. Returns how many were taken.
create or replace function longshore.take_back_jobs(p_org_id int, p_session_ids uuid[], p_outcome text, p_rescues_max int)
returns int
language plpgsql
as $$
declare
  v_claims bigint[];
  v_given  uuid[];
  v_taken  uuid[];
  v_left   uuid[];
  v_owing  uuid[];
  v_poison longshore.attempt_failure[];
begin
  update longshore.worker_sessions as sessions
  set held_at_end = held.ids
  from (
    select jobs.session_id, array_agg(jobs.id order by jobs.id) as ids
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.state = 'running'
      and jobs.session_id = any (p_session_ids)
      and jobs.id = any (array(
        select unnest(claims.job_ids)
        from longshore.session_claims as claims
        where claims.org_id = p_org_id and claims.session_id = any (p_session_ids)
      ))
    group by jobs.session_id
  ) as held
  where sessions.org_id = p_org_id and sessions.id = held.session_id and sessions.held_at_end is null;

  -- Claims before jobs, as time_out_jobs locks them.
  v_claims := array(
    select claims.id
    from longshore.session_claims as claims
    where claims.org_id = p_org_id and claims.session_id = any (p_session_ids)
    order by claims.session_id, claims.id
    for update skip locked
  );
  v_given := array(
    select unnest(claims.job_ids)
    from longshore.session_claims as claims
    where claims.org_id = p_org_id and claims.session_id = any (p_session_ids) and claims.id = any (v_claims)
  );
  v_taken := array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.id = any (v_given)
      and jobs.state = 'running'
      and jobs.session_id = any (p_session_ids)
    order by jobs.id
    for update skip locked
  );

  v_poison := array(
    select row(
      jobs.id,
      jsonb_build_object(
        'code', 'POISON', 'name', 'PoisonError',
        'message', format('its worker died %s times while running it', jobs.rescues + 1)
      ),
      false, null, p_outcome, jobs.lease_token
    )::longshore.attempt_failure
    from longshore.jobs
    where jobs.org_id = p_org_id and jobs.id = any (v_taken) and jobs.rescues + 1 >= p_rescues_max
  );
  update longshore.jobs set rescues = rescues + 1
  where org_id = p_org_id and id = any (array(select poison.id from unnest(v_poison) as poison));

  perform longshore.end_attempts(p_org_id, v_poison) where v_poison <> '{}';
  perform longshore.give_back(
    p_org_id,
    array(select taken.id from unnest(v_taken) as taken (id) where taken.id not in (select poison.id from unnest(v_poison) as poison)),
    p_outcome,
    null
  );

  -- What is left keeps its lease token, and finishing it does not ask whether its session has ended: every finish would pay
  -- for that look. It need not. While somebody holds the row locked nobody can finish the job, as that takes the same lock.
  -- From then until the next rescue, a second at most, a revoked worker's keys are refused already; and a worker that was
  -- given up for dead, or has said goodbye, may finish what nobody else was given, as it may before a rescue.
  v_left := array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.id = any (v_given)
      and jobs.state = 'running'
      and jobs.session_id = any (p_session_ids)
  );
  delete from longshore.session_claims as claims
  where claims.org_id = p_org_id
    and claims.session_id = any (p_session_ids)
    and claims.id = any (v_claims)
    and not claims.job_ids && v_left;
  v_owing := array(
    select claims.session_id
    from longshore.session_claims as claims
    where claims.org_id = p_org_id and claims.session_id = any (p_session_ids)
  );
  update longshore.worker_sessions set has_jobs_left = id = any (v_owing)
  where org_id = p_org_id and id = any (p_session_ids) and has_jobs_left <> (id = any (v_owing));
  return cardinality(v_taken);
end
$$;
