-- The key with this hash and whom it speaks for, if it may be used now: neither it nor its worker revoked or expired.
-- seconds_left says how long that stays so by itself, null for ever; is_use_due that last_used_at is more than a minute old.
create or replace function longshore.find_key(p_hash bytea)
returns table (
  hash bytea, id uuid, org_id int, org_slug text, role text, name text, worker_id uuid, rate_limits jsonb,
  seconds_left double precision, is_use_due boolean
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select
    keys.hash, keys.id, keys.org_id, orgs.slug, keys.role, keys.name, keys.worker_id, keys.rate_limits,
    extract(epoch from least(keys.expires_at, workers.expires_at) - longshore.now())::double precision,
    coalesce(keys.last_used_at < longshore.now() - interval '1 minute', true)
  from longshore.api_keys as keys
  join longshore.orgs on orgs.id = keys.org_id
  left join longshore.workers on workers.org_id = keys.org_id and workers.id = keys.worker_id
  where keys.hash = p_hash
    and keys.revoked_at is null
    and workers.revoked_at is null
    and coalesce(keys.expires_at > longshore.now(), true)
    and coalesce(workers.expires_at > longshore.now(), true)
$$;
