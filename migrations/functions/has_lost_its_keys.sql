-- Whether a worker had keys and none of them can be used any more. One that never had any acts for the owner of the schema.
create or replace function longshore.has_lost_its_keys(p_org_id int, p_worker_id uuid) returns boolean
language sql stable
as $$
  select coalesce(bool_and(keys.revoked_at is not null or coalesce(keys.expires_at <= longshore.now(), false)), false)
  from longshore.api_keys as keys
  where keys.org_id = p_org_id and keys.worker_id = p_worker_id
$$;
