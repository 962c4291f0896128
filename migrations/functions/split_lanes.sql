-- The lanes of claimable_lanes, with a lane of its own for each of p_categories, so that a claim can take so many of each and
-- no more. Of the lanes of one priority the one whose first job has waited longest comes first; empty ones are left out.
create or replace function longshore.split_lanes(
  p_org_id int, p_kinds text[], p_capabilities text[], p_queues text[], p_priority_min int, p_priority_max int,
  p_categories text[], p_floor_routes int[], p_floor_keys bigint[]
)
returns table (route_ids int[], floors bigint[], category text)
language sql stable
as $$
  select
    array_agg(routes.id),
    array_agg(lines.floor),
    case when routes.category = any (p_categories) then routes.category end as category
  from longshore.claimable_lanes(
    p_org_id, p_kinds, p_capabilities, p_queues, p_priority_min, p_priority_max, p_floor_routes, p_floor_keys
  ) as lanes
  cross join unnest(lanes.route_ids, lanes.floors) as lines (route_id, floor)
  join longshore.routes on routes.org_id = p_org_id and routes.id = lines.route_id
  cross join lateral (
    select waiting.order_key
    from longshore.jobs as waiting
    where waiting.org_id = p_org_id
      and waiting.route_id = lines.route_id
      and waiting.order_key > 0
      and waiting.state = 'available'
      and waiting.order_key >= lines.floor
    order by waiting.order_key
    limit 1
  ) as heads
  group by routes.priority, 3
  order by routes.priority, min(heads.order_key)
$$;
