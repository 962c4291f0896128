-- What an API process needs to move its claim floors (docs/decisions/0004-claim-floor.md): for each route that such
-- sessions serve, the order key of the first job that still waits, at or above the floor known so far, or the key up to
-- which all keys are handed out when none waits; with the snapshot of that look. A job may yet appear below such a key,
-- but only from a transaction that was under way. Once snapshot_min of a later look has reached snapshot_max of this one,
-- none of those is: this key is a floor, or the first key of that later look if that is smaller.
create or replace function longshore.claim_floors(
  p_org_id int, p_kinds text[], p_capabilities text[], p_queues text[], p_priority_min int, p_priority_max int,
  p_floor_routes int[], p_floor_keys bigint[]
)
returns table (route_id int, first_key bigint, snapshot_min xid8, snapshot_max xid8)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_sort = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  -- Read before the snapshot below is taken: a key handed out later belongs to a transaction that may begin later.
  v_last_key bigint := (select last_value from longshore.job_order);
begin
  perform longshore.enter_org(p_org_id);
  return query
  select
    lines.route_id,
    coalesce(
      (
        select jobs.order_key
        from longshore.jobs
        where jobs.org_id = p_org_id
          and jobs.route_id = lines.route_id
          and jobs.order_key > 0
          and jobs.state = 'available'
          and jobs.order_key >= lines.floor
        order by jobs.order_key
        limit 1
      ),
      v_last_key
    ),
    pg_snapshot_xmin(pg_current_snapshot()),
    -- The next transaction id to be given out. The snapshot's own xmax is one past the last transaction that has ended:
    -- one that is under way may lie beyond it.
    (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + age(pg_snapshot_xmax(pg_current_snapshot())::xid))::text::xid8
  from longshore.claimable_lanes(
    p_org_id, p_kinds, p_capabilities, p_queues, p_priority_min, p_priority_max, p_floor_routes, p_floor_keys
  ) as lanes
  cross join unnest(lanes.route_ids, lanes.floors) as lines (route_id, floor);
end
$$;
