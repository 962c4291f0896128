-- Claims waiting jobs of one org for sessions that serve the same kinds, capabilities, queues and priorities: p_limits[i]
-- jobs at most for p_session_ids[i], in this order. Sessions that have ended, or that may be given other jobs by now, get
-- none. Smaller priority first, first in line first within one. The cost does not depend on jobs that wait on routes these
-- sessions do not serve.
-- p_limited_worker_id is the worker whose sessions these are when it has limits, and null otherwise: nothing is counted then.
-- p_floor_keys[i] is an order key below which nothing waits on p_floor_routes[i] (see claim_floors); the claim starts there.
-- p_secret is random and new for every call. Sorting is off so that a line is read in its own order from the claim index even
-- by a plan made for an empty table, which took any index of the org and sorted.
create or replace function longshore.claim_jobs(
  p_org_id int, p_session_ids uuid[], p_limits int[], p_secret bytea,
  p_kinds text[], p_capabilities text[], p_queues text[], p_priority_min int, p_priority_max int, p_limited_worker_id uuid,
  p_floor_routes int[], p_floor_keys bigint[]
)
returns table (
  session_id uuid, id uuid, route_id int, order_key bigint, lease_token uuid, epoch int, attempt smallint, max_attempts smallint,
  timeout_seconds double precision, payload json, metadata json, tags text[], batch_id text, external_id text,
  created_at timestamptz, run_at timestamptz
)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_sort = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_sessions uuid[];
  v_ends     int[];
  v_lane     record;
  v_taken    int := 0;
  v_got      int;
begin
  perform longshore.enter_org(p_org_id);
  if p_limited_worker_id is not null then
    return query
    select *
    from longshore.claim_within_limits(
      p_org_id, p_session_ids, p_limits, p_secret, p_kinds, p_capabilities, p_queues, p_priority_min, p_priority_max,
      p_limited_worker_id, p_floor_routes, p_floor_keys
    );
    return;
  end if;

  -- The key share lock holds off rescue_jobs and close_session, which would overlook what is claimed after they looked.
  -- All sessions in id order before any job: whoever ends several of them locks them so too.
  select array_agg(seats.id order by seats.place), array_agg(seats.last order by seats.place)
  into v_sessions, v_ends
  from (
    select wanted.id, wanted.place, sum(wanted.free) over (order by wanted.place)::int as last
    from (
      select sessions.id
      from longshore.worker_sessions as sessions
      where sessions.org_id = p_org_id
        and sessions.id = any (p_session_ids)
        and sessions.ended_at is null
        and not sessions.is_limited
        and sessions.kinds = p_kinds
        and sessions.capabilities = p_capabilities
        and sessions.queues is not distinct from p_queues
        and sessions.priority_min = p_priority_min
        and sessions.priority_max = p_priority_max
      order by sessions.id
      for key share
    ) as open
    join unnest(p_session_ids, p_limits) with ordinality as wanted (id, free, place) on wanted.id = open.id
  ) as seats;

  for v_lane in
    select lanes.route_ids, lanes.floors
    from longshore.claimable_lanes(
      p_org_id, p_kinds, p_capabilities, p_queues, p_priority_min, p_priority_max, p_floor_routes, p_floor_keys
    ) as lanes
  loop
    exit when v_sessions is null or v_taken >= v_ends[cardinality(v_ends)];
    return query
    select *
    from longshore.claim_from_lane(
      p_org_id, v_sessions, v_ends, v_taken, p_secret, v_lane.route_ids, v_lane.floors
    );
    get diagnostics v_got = row_count;
    v_taken := v_taken + v_got;
  end loop;
end
$$;
