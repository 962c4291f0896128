-- Claims waiting jobs of one org for sessions that serve the same kinds, capabilities and queues: p_limits[i] jobs at most
-- for p_session_ids[i], in this order. Sessions that have ended get none. Smaller priority first, first in line first
-- within one. The cost does not depend on jobs that wait on routes these sessions do not serve.
-- p_floor_keys[i] is an order key below which nothing waits on p_floor_routes[i] (see claim_floors); the claim starts there.
-- p_secret is random and new for every call.
create or replace function longshore.claim_jobs(
  p_org_id int, p_session_ids uuid[], p_limits int[], p_secret bytea,
  p_kinds text[], p_capabilities text[], p_queues text[], p_floor_routes int[], p_floor_keys bigint[]
)
returns table (
  session_id uuid, id uuid, route_id int, order_key bigint, lease_token uuid, epoch int, attempt smallint, max_attempts smallint,
  timeout_seconds double precision, payload json, metadata jsonb, tags text[], batch_id text, external_id text,
  created_at timestamptz, run_at timestamptz
)
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_now     timestamptz := longshore.now();
  v_free    int;
  v_lane    record;
  v_taken   record;
  v_ids     uuid[] := '{}';
  v_timeout double precision;
  v_session record;
  v_share   uuid[];
begin
  -- The key share lock holds off rescue_jobs, which would overlook what is claimed after it looked.
  select coalesce(sum(p_limits[array_position(p_session_ids, open.id)]), 0) into v_free
  from (
    select sessions.id
    from longshore.worker_sessions as sessions
    where sessions.org_id = p_org_id and sessions.id = any (p_session_ids) and sessions.ended_at is null
    for key share
  ) as open;

  for v_lane in
    select lanes.route_ids, lanes.floors
    from longshore.claimable_lanes(p_org_id, p_kinds, p_capabilities, p_queues, p_floor_routes, p_floor_keys) as lanes
  loop
    exit when v_free <= 0;
    select array_agg(locked.id), min(locked.timeout_seconds), count(*) into v_taken
    from longshore.lock_heads(p_org_id, v_lane.route_ids, v_lane.floors, v_free) as locked;
    v_ids := v_ids || coalesce(v_taken.array_agg, '{}');
    v_timeout := least(v_timeout, v_taken.min);
    v_free := v_free - v_taken.count;
  end loop;

  for v_session in
    select seats.id, seats.free
    from unnest(p_session_ids, p_limits) as seats (id, free)
    join longshore.worker_sessions as sessions
      on sessions.org_id = p_org_id and sessions.id = seats.id and sessions.ended_at is null
  loop
    exit when v_ids = '{}';
    v_share := v_ids[1 : v_session.free];
    v_ids := v_ids[v_session.free + 1 :];

    insert into longshore.session_claims (org_id, session_id, claimed_at, deadline_at, job_ids)
    values (p_org_id, v_session.id, v_now, v_now + make_interval(secs => v_timeout), v_share);

    return query
    update longshore.jobs
    set
      state = 'running',
      attempt = jobs.attempt + 1,
      epoch = jobs.epoch + 1,
      started_at = v_now,
      session_id = v_session.id,
      lease_token = longshore.lease_token(p_secret, jobs.id),
      progress = null
    where jobs.org_id = p_org_id and jobs.id = any (v_share)
    returning
      jobs.session_id, jobs.id, jobs.route_id, jobs.order_key, jobs.lease_token, jobs.epoch, jobs.attempt, jobs.max_attempts,
      jobs.timeout_seconds, jobs.payload, jobs.metadata, jobs.tags, jobs.batch_id, jobs.external_id,
      jobs.created_at, jobs.run_at;
  end loop;
end
$$;
