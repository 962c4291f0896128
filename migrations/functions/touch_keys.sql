-- Notes that keys were used, p_ids[i] of the org p_org_ids[i]: each at most once a minute, whoever calls. A key that somebody
-- else has locked is left for the next time. Returns how many were noted.
create or replace function longshore.touch_keys(p_org_ids int[], p_ids uuid[]) returns int
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now   timestamptz := longshore.now();
  v_count int;
begin
  with due as (
    select keys.org_id, keys.id
    from unnest(p_org_ids, p_ids) as used (org_id, id)
    join longshore.api_keys as keys on keys.org_id = used.org_id and keys.id = used.id
    where coalesce(keys.last_used_at < v_now - interval '1 minute', true)
    order by keys.org_id, keys.id
    for no key update of keys skip locked
  )
  update longshore.api_keys as keys set last_used_at = v_now
  from due
  where keys.org_id = due.org_id and keys.id = due.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
