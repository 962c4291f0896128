-- How many jobs a worker may still take now out of so many a minute; null for any number. A minute's worth may be taken at
-- once, and flows back evenly. Its bucket is longshore.rate_buckets of the worker's id and the class `jobs`.
create or replace function longshore.claims_left(p_org_id int, p_worker_id uuid, p_per_minute int) returns int
language sql volatile
as $$
  -- A thousandth for what the microseconds of a timestamp cut off.
  select floor((60 - greatest(coalesce(extract(epoch from max(buckets.empty_at) - longshore.now()), 0), 0)) * p_per_minute / 60 + 0.001)::int
  from longshore.rate_buckets as buckets
  where buckets.org_id = p_org_id and buckets.key_id = p_worker_id and buckets.class = 'jobs'
$$;
