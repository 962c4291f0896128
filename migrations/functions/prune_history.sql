-- Drops the partitions of history and output that ended more than p_keep_days ago and deletes, at most p_limit of each,
-- idempotency keys that no longer hold, ended sessions that history no longer names, and done batches.
create or replace function longshore.prune_history(p_keep_days int, p_limit int)
returns table (partitions_dropped int, rows_deleted int)
language plpgsql
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  v_oldest timestamptz := longshore.now() - make_interval(days => p_keep_days);
  v_name   text;
  v_count  int;
begin
  partitions_dropped := 0;
  rows_deleted := 0;

  for v_name in
    select child.relname
    from pg_catalog.pg_inherits
    join pg_catalog.pg_class as child on child.oid = inhrelid
    where inhparent in ('longshore.finished_jobs'::regclass, 'longshore.job_output'::regclass)
      and child.relname ~ '_\d{8}$'
      and to_date(right(child.relname, 8), 'YYYYMMDD') < (v_oldest at time zone 'UTC')::date
  loop
    execute format('drop table longshore.%I', v_name);
    partitions_dropped := partitions_dropped + 1;
  end loop;

  delete from longshore.idempotency_keys as keys
  where (keys.org_id, keys.key) in (
    select old.org_id, old.key
    from longshore.idempotency_keys as old
    where not longshore.holds_idempotency_key(old.org_id, old.job_id, old.hold_seconds, old.created_at)
    order by old.created_at
    limit p_limit
    for update skip locked
  );
  get diagnostics v_count = row_count;
  rows_deleted := rows_deleted + v_count;

  delete from longshore.session_claims as claims
  using longshore.worker_sessions as sessions
  where sessions.org_id = claims.org_id
    and sessions.id = claims.session_id
    and sessions.ended_at < v_oldest;

  delete from longshore.worker_sessions as sessions
  where (sessions.org_id, sessions.id) in (
    select old.org_id, old.id from longshore.worker_sessions as old where old.ended_at < v_oldest limit p_limit
  );
  get diagnostics v_count = row_count;
  rows_deleted := rows_deleted + v_count;

  delete from longshore.finished_jobs_default where finished_at < v_oldest;
  get diagnostics v_count = row_count;
  rows_deleted := rows_deleted + v_count;

  delete from longshore.batches as batches
  where (batches.org_id, batches.id) in (
    select old.org_id, old.id
    from longshore.batches as old
    where old.created_at < v_oldest
      and not exists (
        select from longshore.all_jobs where all_jobs.org_id = old.org_id and all_jobs.batch_id = old.id
      )
    limit p_limit
  );
  get diagnostics v_count = row_count;
  rows_deleted := rows_deleted + v_count;
  return next;
end
$$;
