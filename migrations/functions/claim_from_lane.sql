-- Claims free jobs of several lines of one priority, and notes who was given what. The sessions want p_ends[1] jobs, then
-- p_ends[2] - p_ends[1], and so on, of which p_taken have been taken: the next in line goes to the first who wants more.
-- One index scan a line: a merge by `route_id = any(...)` would sort the whole backlog.
create or replace function longshore.claim_from_lane(
  p_org_id int, p_session_ids uuid[], p_ends int[], p_taken int, p_secret bytea, p_route_ids int[], p_floors bigint[]
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
  v_now    timestamptz;
  v_wanted int := p_ends[cardinality(p_ends)] - p_taken;
  v_takes  int[] := array[v_wanted];
  v_ids    uuid[];
  v_keys   bigint[];
  v_bounds bigint[] := '{}';
  v_got    int;
  v_more   int;
begin
  if cardinality(p_route_ids) > 1 then
    v_takes := longshore.share_of_lines(p_org_id, p_route_ids, p_floors, v_wanted);
    v_wanted := (select sum(takes.take) from unnest(v_takes) as takes (take));
  end if;

  select array_agg(heads.id), array_agg(heads.order_key)
  into v_ids, v_keys
  from unnest(p_route_ids, p_floors, v_takes) as lines (route_id, floor, take)
  cross join lateral (
    select waiting.id, waiting.order_key
    from longshore.jobs as waiting
    where waiting.org_id = p_org_id
      and waiting.route_id = lines.route_id
      and waiting.order_key > 0
      and waiting.state = 'available'
      and waiting.order_key >= lines.floor
    order by waiting.order_key
    limit lines.take
    for update skip locked
  ) as heads;
  v_got := coalesce(cardinality(v_ids), 0);

  -- Where in line the jobs of the second session begin, of the third, and so on.
  if v_got > 0 and cardinality(p_session_ids) > 1 then
    v_keys := array(select keys.key from unnest(v_keys) as keys (key) order by keys.key);
    v_bounds := array(
      select coalesce(v_keys[greatest(seats.last - p_taken, 0) + 1], v_keys[v_got] + 1)
      from unnest(trim_array(p_ends, 1)) as seats (last)
    );
  end if;

  if v_got > 0 then
    -- Read only now: a job must not be claimed before the instant of its submit, which may be later than this call.
    v_now := longshore.now();
    return query
    with claimed as (
      update longshore.jobs
      set
        state = 'running',
        attempt = jobs.attempt + 1,
        epoch = jobs.epoch + 1,
        started_at = v_now,
        session_id = p_session_ids[1 + width_bucket(jobs.order_key, v_bounds)],
        lease_token = longshore.lease_token(p_secret, jobs.id),
        progress = null
      where jobs.org_id = p_org_id and jobs.id = any (v_ids)
      returning
        jobs.session_id, jobs.id, jobs.route_id, jobs.order_key, jobs.lease_token, jobs.epoch, jobs.attempt, jobs.max_attempts,
        jobs.timeout_seconds, jobs.payload, jobs.metadata, jobs.tags, jobs.batch_id, jobs.external_id, jobs.created_at, jobs.run_at
    ), noted as (
      insert into longshore.session_claims (org_id, session_id, claimed_at, deadline_at, job_ids)
      select
        p_org_id, claimed.session_id, v_now, v_now + make_interval(secs => min(claimed.timeout_seconds)), array_agg(claimed.id)
      from claimed
      group by claimed.session_id
    )
    select * from claimed;
  end if;

  -- Another claim took some of the heads that were seen: take what stands behind them rather than nothing.
  if cardinality(p_route_ids) > 1 and v_got < v_wanted then
    v_wanted := p_ends[cardinality(p_ends)] - p_taken;
    for v_line in 1 .. cardinality(p_route_ids) loop
      exit when v_got >= v_wanted;
      return query
      select *
      from longshore.claim_from_lane(
        p_org_id, p_session_ids, p_ends, p_taken + v_got, p_secret, p_route_ids[v_line : v_line], p_floors[v_line : v_line]
      );
      get diagnostics v_more = row_count;
      v_got := v_got + v_more;
    end loop;
  end if;
end
$$;
