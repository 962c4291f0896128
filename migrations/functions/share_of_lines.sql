-- How many of the first p_limit waiting jobs of several lines, oldest place first, each line holds; in the order of the lines.
-- Looks without locking: taking p_limit from each line would lock jobs that then go to nobody.
create or replace function longshore.share_of_lines(p_org_id int, p_route_ids int[], p_floors bigint[], p_limit int)
returns int[]
language sql stable
as $$
  select array(
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
            and jobs.order_key > 0
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
  )
$$;
