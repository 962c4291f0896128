-- Takes every running job from sessions that the caller has just ended. A job rescued p_rescues_max times is failed as
-- poison: it has probably killed its workers. Returns how many jobs were taken.
create or replace function longshore.take_back_jobs(p_org_id int, p_session_ids uuid[], p_outcome text, p_rescues_max int)
returns int
language plpgsql
as $$
declare
  v_taken  uuid[];
  v_poison longshore.attempt_failure[];
begin
  -- Claims before jobs, as time_out_jobs locks them.
  perform from longshore.session_claims as claims
  where claims.org_id = p_org_id and claims.session_id = any (p_session_ids)
  order by claims.session_id, claims.id
  for update;

  v_taken := array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.id = any (array(
        select unnest(claims.job_ids)
        from longshore.session_claims as claims
        where claims.org_id = p_org_id and claims.session_id = any (p_session_ids)
      ))
      and jobs.state = 'running'
      and jobs.session_id = any (p_session_ids)
    order by jobs.id
    for update
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
  delete from longshore.session_claims where org_id = p_org_id and session_id = any (p_session_ids);
  return cardinality(v_taken);
end
$$;
