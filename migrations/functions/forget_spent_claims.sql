-- Removes what the claims of these sessions were given where none of it runs any more, so that counting their jobs costs no more
-- than they run and finished lately. Heartbeats do the same for all sessions, but later. Waits for nobody.
create or replace function longshore.forget_spent_claims(p_org_id int, p_session_ids uuid[]) returns void
language sql volatile
as $$
  with spent as (
    select claims.session_id, claims.id
    from longshore.session_claims as claims
    where claims.org_id = p_org_id
      and claims.session_id = any (p_session_ids)
      and not exists (
        select
        from longshore.jobs
        where jobs.org_id = p_org_id
          and jobs.id = any (claims.job_ids)
          and jobs.state = 'running'
          and jobs.session_id = claims.session_id
      )
    for update of claims skip locked
  )
  delete from longshore.session_claims as claims
  using spent
  where claims.org_id = p_org_id and claims.session_id = spent.session_id and claims.id = spent.id
$$;
