-- Whether an idempotency key still stands for its job: while the job lives, and p_hold_seconds after it finished
-- (or after the submit, when history has already forgotten the job).
create or replace function longshore.holds_idempotency_key(
  p_org_id int, p_job_id uuid, p_hold_seconds double precision, p_created_at timestamptz
) returns boolean
language sql stable
as $$
  select exists (select from longshore.jobs where org_id = p_org_id and id = p_job_id)
    or coalesce(
      (select max(finished_at) from longshore.finished_jobs where org_id = p_org_id and id = p_job_id),
      p_created_at
    ) + make_interval(secs => p_hold_seconds) > longshore.now()
$$;
