-- Draws p_wanted tokens from the bucket of a key and class, or as many as there are if that is at least p_needed, or none.
-- The bucket holds a minute's worth, p_per_minute, and fills evenly (GCRA: what is drawn flows off at that rate, and the
-- bucket remembers when all of it will have). wait_seconds is when p_needed will be there; null for more than a minute's worth.
create or replace function longshore.draw_tokens(
  p_org_id int, p_key_id uuid, p_class text, p_needed int, p_wanted int, p_per_minute int
)
returns table (granted int, wait_seconds double precision)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now      timestamptz := longshore.now();
  v_empty_at timestamptz;
  v_room     double precision;
begin
  perform longshore.enter_org(p_org_id);
  insert into longshore.rate_buckets (org_id, key_id, class, empty_at)
  values (p_org_id, p_key_id, p_class, v_now)
  on conflict (org_id, key_id, class) do nothing;
  select greatest(buckets.empty_at, v_now) into v_empty_at
  from longshore.rate_buckets as buckets
  where buckets.org_id = p_org_id and buckets.key_id = p_key_id and buckets.class = p_class
  for update;
  -- A bucket that was pruned meanwhile had been empty for an hour.
  v_empty_at := coalesce(v_empty_at, v_now);

  v_room := p_per_minute - extract(epoch from v_empty_at - v_now) * p_per_minute / 60;
  granted := case when v_room >= p_needed then least(p_wanted, floor(v_room)::int) else 0 end;
  wait_seconds := case
    when p_needed > p_per_minute then null
    else greatest(0, p_needed - v_room) * 60 / p_per_minute
  end;
  update longshore.rate_buckets as buckets
  set empty_at = v_empty_at + make_interval(secs => granted * 60.0 / p_per_minute)
  where buckets.org_id = p_org_id and buckets.key_id = p_key_id and buckets.class = p_class;
  return next;
end
$$;
