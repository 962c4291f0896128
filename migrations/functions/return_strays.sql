-- Gives back, unspent, the jobs that were claimed for a session before p_before and that the session does not hold, and
-- folds the claims of that time into one row that names what it does hold. Returns how many went back.
-- Waits for nobody: what somebody else is changing right now stays on the books for the next heartbeat.
create or replace function longshore.return_strays(
  p_org_id int, p_session_id uuid, p_held uuid[], p_before timestamptz
) returns int
language plpgsql
as $$
declare
  v_claims   bigint[];
  v_deadline timestamptz;
  v_claimed  uuid[];
  v_strays   uuid[];
  v_kept     uuid[];
begin
  if not exists (
    select unnest(claims.job_ids)
    from longshore.session_claims as claims
    where claims.org_id = p_org_id and claims.session_id = p_session_id and claims.claimed_at < p_before
    except
    select unnest(p_held)
  ) then
    return 0;
  end if;

  select array_agg(distinct locked.id), min(locked.deadline_at), array_agg(ids.id)
  into v_claims, v_deadline, v_claimed
  from (
    select claims.id, claims.deadline_at, claims.job_ids
    from longshore.session_claims as claims
    where claims.org_id = p_org_id and claims.session_id = p_session_id and claims.claimed_at < p_before
    order by claims.id
    for update skip locked
  ) as locked
  cross join unnest(locked.job_ids) as ids (id);

  v_claimed := array(select unnest(v_claimed) except select unnest(p_held));
  -- started_at: the session may have claimed the same job again since, and that answer may be on its way.
  v_strays := array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.id = any (v_claimed)
      and jobs.session_id = p_session_id
      and jobs.started_at < p_before
    order by jobs.id
    for update skip locked
  );
  perform longshore.give_back(p_org_id, v_strays, 'released', null) where v_strays <> '{}';

  v_kept := p_held || array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.id = any (v_claimed)
      and jobs.session_id = p_session_id
      and jobs.started_at < p_before
  );
  delete from longshore.session_claims
  where org_id = p_org_id and session_id = p_session_id and id = any (v_claims);
  insert into longshore.session_claims (org_id, session_id, claimed_at, deadline_at, job_ids)
  select p_org_id, p_session_id, p_before, v_deadline, v_kept
  where v_kept <> '{}' and v_claims is not null;
  return cardinality(v_strays);
end
$$;
