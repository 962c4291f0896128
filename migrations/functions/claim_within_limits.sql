-- The part of claim_jobs for sessions of one worker with limits: takes no more than the worker has room for now, in all, of each
-- category and by the minute, and for each session no more of a category than it declared. Under the settings of claim_jobs.
create or replace function longshore.claim_within_limits(
  p_org_id int, p_session_ids uuid[], p_limits int[], p_secret bytea,
  p_kinds text[], p_capabilities text[], p_queues text[], p_priority_min int, p_priority_max int, p_worker_id uuid,
  p_floor_routes int[], p_floor_keys bigint[]
)
returns table (
  session_id uuid, id uuid, route_id int, order_key bigint, lease_token uuid, epoch int, attempt smallint, max_attempts smallint,
  timeout_seconds double precision, payload json, metadata json, tags text[], batch_id text, external_id text,
  created_at timestamptz, run_at timestamptz
)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_seat           record;
  v_lane           record;
  v_room           int;
  v_categories     text[];
  v_rooms          int[];
  v_place          int;
  v_own_categories text[];
  v_own_rooms      int[];
  v_own_place      int;
  v_free           int;
  v_got            int;
  v_taken          int := 0;
begin
  select worker.room, worker.categories, worker.rooms
  into v_room, v_categories, v_rooms
  from longshore.room_of_worker(p_org_id, p_worker_id, p_session_ids) as worker;

  for v_seat in
    -- Locked by room_of_worker.
    select seats.id, seats.free, sessions.category_limits
    from unnest(p_session_ids, p_limits) with ordinality as seats (id, free, place)
    join longshore.worker_sessions as sessions on sessions.org_id = p_org_id and sessions.id = seats.id
    where sessions.ended_at is null
      and sessions.is_limited
      and sessions.worker_id = p_worker_id
      and sessions.kinds = p_kinds
      and sessions.capabilities = p_capabilities
      and sessions.queues is not distinct from p_queues
      and sessions.priority_min = p_priority_min
      and sessions.priority_max = p_priority_max
    order by seats.place
  loop
    -- What is null is not limited: comparisons with it are not true, and least() passes over it.
    exit when v_room <= 0;
    v_free := v_seat.free;
    v_own_categories := '{}';
    if v_seat.category_limits <> '{}' then
      select own.categories, own.rooms
      into v_own_categories, v_own_rooms
      from longshore.room_of_session(p_org_id, v_seat.id, v_seat.category_limits) as own;
    end if;
    for v_lane in
      select lanes.route_ids, lanes.floors, lanes.category
      from longshore.split_lanes(
        p_org_id, p_kinds, p_capabilities, p_queues, p_priority_min, p_priority_max, v_categories || v_own_categories,
        p_floor_routes, p_floor_keys
      ) as lanes
    loop
      v_place := array_position(v_categories, v_lane.category);
      v_own_place := array_position(v_own_categories, v_lane.category);
      continue when v_rooms[v_place] <= 0 or v_own_rooms[v_own_place] <= 0;
      return query
      select *
      from longshore.claim_from_lane(
        p_org_id, array[v_seat.id], array[least(v_free, v_room, v_rooms[v_place], v_own_rooms[v_own_place])], 0, p_secret,
        v_lane.route_ids, v_lane.floors
      );
      get diagnostics v_got = row_count;
      v_taken := v_taken + v_got;
      v_free := v_free - v_got;
      v_room := v_room - v_got;
      if v_place is not null then
        v_rooms[v_place] := v_rooms[v_place] - v_got;
      end if;
      if v_own_place is not null then
        v_own_rooms[v_own_place] := v_own_rooms[v_own_place] - v_got;
      end if;
      exit when v_free <= 0 or v_room <= 0;
    end loop;
    -- The lines are empty, or what they hold is of categories that are full. Where it is full for this session alone, the next
    -- may have room.
    exit when v_free = v_seat.free and v_seat.category_limits = '{}';
  end loop;
  perform longshore.spend_claims(p_org_id, p_worker_id, v_taken) where v_taken > 0;
end
$$;
