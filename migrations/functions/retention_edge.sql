-- The newest finished job that a retention of p_keep no longer keeps: of these routes and states, with exactly so many newer ones.
-- Reads from the newest back, at most to p_since and for two seconds or so. No row when it met none.
create or replace function longshore.retention_edge(
  p_org_id int, p_routes int[], p_states longshore.job_state[], p_keep int, p_since timestamptz
)
returns table (finished_at timestamptz, id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
#variable_conflict use_column
declare
  v_began   timestamptz := clock_timestamp();
  v_stretch interval := '10 minutes';
  v_from    timestamptz := greatest(longshore.now() - v_stretch, p_since);
  v_until   timestamptz := 'infinity';
  v_newer   int := 0;
  v_count   int;
  v_read_at timestamptz;
begin
  loop
    v_read_at := clock_timestamp();
    select count(*)
    into v_count
    from longshore.finished_jobs as done
    where done.org_id = p_org_id
      and done.state = any (p_states)
      and done.route_id = any (p_routes)
      and done.finished_at >= v_from
      and done.finished_at < v_until;
    exit when v_newer + v_count > p_keep;
    v_newer := v_newer + v_count;
    if v_from <= p_since or clock_timestamp() - v_began > interval '2 seconds' then
      return;
    end if;
    v_stretch := longshore.next_stretch(v_stretch, v_read_at);
    v_until := v_from;
    v_from := greatest(v_from - v_stretch, p_since);
  end loop;

  return query
  select done.finished_at, done.id
  from longshore.finished_jobs as done
  where done.org_id = p_org_id
    and done.state = any (p_states)
    and done.route_id = any (p_routes)
    and done.finished_at >= v_from
    and done.finished_at < v_until
  order by done.finished_at desc, done.id desc
  offset p_keep - v_newer
  limit 1;
end
$$;
