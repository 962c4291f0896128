-- Locks the first p_limit free jobs of several lines of one priority, oldest place first across the lines.
-- One index scan a line; a merge by `route_id = any(...)` would sort the whole backlog.
create or replace function longshore.lock_heads(p_org_id int, p_route_ids int[], p_floors bigint[], p_limit int)
returns table (id uuid, timeout_seconds double precision)
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
declare
  v_takes int[];
begin
  if cardinality(p_route_ids) = 1 then
    v_takes := array[p_limit];
  else
    -- Look before locking: taking p_limit from each line would lock jobs that then go to nobody.
    v_takes := array(
      select coalesce(heads.share, 0)
      from unnest(p_route_ids) with ordinality as lines (route_id, place)
      left join (
        select first.route_id, count(*)::int as share
        from (
          select waiting.route_id
          from unnest(p_route_ids, p_floors) as lines (route_id, floor)
          cross join lateral (
            select jobs.route_id, jobs.order_key
            from longshore.jobs
            where jobs.org_id = p_org_id
              and jobs.route_id = lines.route_id
              and jobs.state = 'available'
              and jobs.order_key >= lines.floor
            order by jobs.order_key
            limit p_limit
          ) as waiting
          order by waiting.order_key
          limit p_limit
        ) as first
        group by first.route_id
      ) as heads on heads.route_id = lines.route_id
      order by lines.place
    );
  end if;

  return query
  select taken.id, taken.timeout_seconds
  from unnest(p_route_ids, p_floors, v_takes) as lines (route_id, floor, take)
  cross join lateral (
    select jobs.id, jobs.timeout_seconds
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.route_id = lines.route_id
      and jobs.state = 'available'
      and jobs.order_key >= lines.floor
    order by jobs.order_key
    limit lines.take
    for update skip locked
  ) as taken;
end
$$;
