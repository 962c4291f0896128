-- Orgs with running jobs that may be past their deadline, or past the grace after a cancel.
create or replace function longshore.due_time_outs(p_limit int, p_cancel_grace_seconds double precision default 30) returns table (org_id int)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select claims.org_id from longshore.session_claims as claims where claims.deadline_at < (select longshore.now())
  union
  select jobs.org_id from longshore.jobs
  where jobs.cancel_requested_at < (select longshore.now()) - make_interval(secs => p_cancel_grace_seconds)
  limit p_limit
$$;
