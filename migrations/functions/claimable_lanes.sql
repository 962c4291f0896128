-- The routes a session of these kinds, capabilities, queues and priorities may be served from, gathered by priority, smaller
-- first; each with the order key at which its line begins for the caller. Paused queues are left out.
create or replace function longshore.claimable_lanes(
  p_org_id int, p_kinds text[], p_capabilities text[], p_queues text[], p_priority_min int, p_priority_max int,
  p_floor_routes int[], p_floor_keys bigint[]
)
returns table (route_ids int[], floors bigint[])
language sql stable
as $$
  select
    array_agg(routes.id),
    array_agg(coalesce(p_floor_keys[array_position(p_floor_routes, routes.id)], 0))
  from longshore.routes
  where routes.org_id = p_org_id
    and routes.kind = any (p_kinds)
    and routes.required_capabilities <@ p_capabilities
    and routes.priority between p_priority_min and p_priority_max
    and (p_queues is null or routes.queue = any (p_queues))
    and routes.queue <> all (array(
      select queues.name from longshore.queues where queues.org_id = p_org_id and queues.paused_at is not null
    ))
  group by routes.priority
  order by routes.priority
$$;
