-- Deletes, at most p_limit of each, what nothing needs any more: idempotency keys that no longer hold, sessions that ended
-- more than p_keep_days ago with their claims, batches older than that without jobs, old rows of the default partitions,
-- messages that expired a day ago, ids that were sent again an hour ago, and rate buckets that have been empty for an hour. Returns
-- how many rows went; the caller repeats while there is work.
-- Raises LS001 for days outside 1 to 36500 and limits outside 1 to 100000.
create or replace function longshore.prune_rows(p_keep_days int, p_limit int) returns int
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_oldest timestamptz;
  v_count  int;
  v_total  int := 0;
begin
  if (p_keep_days between 1 and 36500) is not true then
    raise exception using errcode = 'LS001', message = 'must be from 1 to 36500', detail = 'keep_days';
  elsif (p_limit between 1 and 100000) is not true then
    raise exception using errcode = 'LS001', message = 'must be from 1 to 100000', detail = 'limit';
  end if;
  v_oldest := longshore.now() - make_interval(days => p_keep_days);

  delete from longshore.idempotency_keys as keys
  where (keys.org_id, keys.key) in (
    select old.org_id, old.key
    from longshore.idempotency_keys as old
    -- A key holds at least so long; only those beyond are worth the look at their jobs.
    where old.created_at + make_interval(secs => old.hold_seconds) < longshore.now()
      and not longshore.holds_idempotency_key(old.org_id, old.job_id, old.hold_seconds, old.created_at)
    limit p_limit
    for update skip locked
  );
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;

  with gone as (
    select old.org_id, old.id
    from longshore.worker_sessions as old
    where old.ended_at < v_oldest and not old.has_jobs_left
    limit p_limit
    for update skip locked
  ), unclaimed as (
    delete from longshore.session_claims as claims
    using gone
    where claims.org_id = gone.org_id and claims.session_id = gone.id
  )
  delete from longshore.worker_sessions as sessions
  using gone
  where sessions.org_id = gone.org_id and sessions.id = gone.id;
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;

  delete from longshore.batches as batches
  where (batches.org_id, batches.id) in (
    select old.org_id, old.id
    from longshore.batches as old
    where old.created_at < v_oldest
      and not exists (select from longshore.jobs where jobs.org_id = old.org_id and jobs.batch_id = old.id)
      and not exists (select from longshore.finished_jobs as done where done.org_id = old.org_id and done.batch_id = old.id)
    limit p_limit
    for update skip locked
  );
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;

  delete from longshore.finished_jobs_default where ctid = any (array(
    select old.ctid from longshore.finished_jobs_default as old where old.finished_at < v_oldest limit p_limit
  ));
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;

  delete from longshore.job_output_default where ctid = any (array(
    select old.ctid from longshore.job_output_default as old where old.at < v_oldest limit p_limit
  ));
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;

  delete from longshore.worker_messages as messages
  where (messages.org_id, messages.id) in (
    select old.org_id, old.id
    from longshore.worker_messages as old
    where old.expires_at < longshore.now() - interval '1 day'
    limit p_limit
    for update skip locked
  );
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;

  delete from longshore.resent_jobs as resent
  where (resent.org_id, resent.job_id) in (
    select old.org_id, old.job_id
    from longshore.resent_jobs as old
    where old.sent_at < longshore.now() - interval '1 hour'
    limit p_limit
    for update skip locked
  );
  get diagnostics v_count = row_count;
  v_total := v_total + v_count;

  delete from longshore.rate_buckets as buckets
  where (buckets.org_id, buckets.key_id, buckets.class) in (
    select old.org_id, old.key_id, old.class
    from longshore.rate_buckets as old
    where old.empty_at < longshore.now() - interval '1 hour'
    limit p_limit
    for update skip locked
  );
  get diagnostics v_count = row_count;
  return v_total + v_count;
end
$$;
