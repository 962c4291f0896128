-- How the latest attempt of a job that did not complete it ended, such as timed_out; null when there was none.
create or replace function longshore.last_outcome(p_org_id int, p_job_id uuid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select jobs.attempts from longshore.jobs where org_id = p_org_id and id = p_job_id),
    (select done.attempts from longshore.finished_jobs as done where org_id = p_org_id and id = p_job_id limit 1)
  ) -> -1 ->> 'outcome'
$$;
