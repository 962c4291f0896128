-- Removes what a worker's claims were given where none of it runs any more, so that counting its jobs costs no more than it
-- runs and finished lately. Heartbeats do the same for all workers, but later. Waits for nobody.
create or replace function longshore.forget_spent_claims(p_org_id int, p_worker_id uuid) returns void
language sql volatile
as $$
  with spent as (
    select claims.session_id, claims.id
    from longshore.worker_sessions as sessions
    join longshore.session_claims as claims on claims.org_id = sessions.org_id and claims.session_id = sessions.id
    where sessions.org_id = p_org_id
      and sessions.worker_id = p_worker_id
      and sessions.ended_at is null
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
