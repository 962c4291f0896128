-- Notes that a worker took jobs, for claims_left; nothing for a worker that may take any number. The caller holds its lock.
create or replace function longshore.spend_claims(p_org_id int, p_worker_id uuid, p_jobs int) returns void
language sql volatile
as $$
  insert into longshore.rate_buckets as buckets (org_id, key_id, class, empty_at)
  select p_org_id, p_worker_id, 'jobs', longshore.now() + make_interval(secs => p_jobs * 60.0 / workers.claims_per_minute)
  from longshore.workers
  where workers.org_id = p_org_id and workers.id = p_worker_id and workers.claims_per_minute is not null
  on conflict (org_id, key_id, class) do update
  set empty_at = excluded.empty_at + greatest(buckets.empty_at - longshore.now(), '0')
$$;
