-- The present state of a job, live or finished; null when there is none.
create or replace function longshore.job_state(p_org_id int, p_job_id uuid) returns longshore.job_state
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select jobs.state from longshore.jobs where org_id = p_org_id and id = p_job_id),
    (select done.state from longshore.finished_jobs as done where org_id = p_org_id and id = p_job_id limit 1)
  )
$$;
