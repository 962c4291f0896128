-- Gives back, unspent, the jobs that were claimed for a session before p_before and that the session does not hold, and
-- folds the claims of that time into one row that names what it does hold. Returns how many went back.
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
begin
  select array_agg(claims.id), min(claims.deadline_at), array_agg(ids.id)
  into v_claims, v_deadline, v_claimed
  from longshore.session_claims as claims
  cross join unnest(claims.job_ids) as ids (id)
  where claims.org_id = p_org_id and claims.session_id = p_session_id and claims.claimed_at < p_before;

  v_claimed := array(select unnest(v_claimed) except select unnest(p_held));
  if v_claimed = '{}' then
    return 0;
  end if;

  v_strays := array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id and jobs.id = any (v_claimed) and jobs.session_id = p_session_id
    order by jobs.id
    for update
  );
  perform longshore.give_back(p_org_id, v_strays, 'released', null) where v_strays <> '{}';

  delete from longshore.session_claims
  where org_id = p_org_id and session_id = p_session_id and id = any (v_claims);
  insert into longshore.session_claims (org_id, session_id, claimed_at, deadline_at, job_ids)
  select p_org_id, p_session_id, p_before, v_deadline, p_held
  where p_held <> '{}';
  return cardinality(v_strays);
end
$$;
