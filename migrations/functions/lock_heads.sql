-- Locks the first p_limit free jobs of several lines of one priority, oldest place first across the lines.
-- One index scan a line; a merge by `route_id = any(...)` would sort the whole backlog.
create or replace function longshore.lock_heads(p_org_id int, p_route_ids int[], p_floors bigint[], p_limit int)
returns table (id uuid, timeout_seconds double precision)
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
declare
  v_takes  int[];
  v_locked int;
  v_more   int;
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
  get diagnostics v_locked = row_count;

  -- Another claim locked some of the heads that were seen: take what stands behind them rather than nothing.
  if v_locked < (select sum(takes.take) from unnest(v_takes) as takes (take)) and cardinality(p_route_ids) > 1 then
    for v_line in 1 .. cardinality(p_route_ids) loop
      exit when v_locked >= p_limit;
      return query
      select behind.id, behind.timeout_seconds
      from longshore.lock_heads(p_org_id, p_route_ids[v_line : v_line], p_floors[v_line : v_line], p_limit - v_locked) as behind;
      get diagnostics v_more = row_count;
      v_locked := v_locked + v_more;
    end loop;
  end if;
end
$$;
