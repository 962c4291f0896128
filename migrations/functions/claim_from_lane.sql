-- Claims for one session the first p_limit free jobs of several lines of one priority, and notes what it was given.
-- One index scan a line: a merge by `route_id = any(...)` would sort the whole backlog.
create or replace function longshore.claim_from_lane(
  p_org_id int, p_session_id uuid, p_limit int, p_secret bytea, p_route_ids int[], p_floors bigint[]
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
  v_now    timestamptz := longshore.now();
  v_takes  int[] := array[p_limit];
  v_wanted int := p_limit;
  v_got    int;
begin
  if cardinality(p_route_ids) > 1 then
    v_takes := longshore.share_of_lines(p_org_id, p_route_ids, p_floors, p_limit);
    v_wanted := (select sum(takes.take) from unnest(v_takes) as takes (take));
  end if;

  return query
  with claimed as (
    update longshore.jobs
    set
      state = 'running',
      attempt = jobs.attempt + 1,
      epoch = jobs.epoch + 1,
      started_at = v_now,
      session_id = p_session_id,
      lease_token = longshore.lease_token(p_secret, jobs.id),
      progress = null
    where jobs.org_id = p_org_id
      and jobs.id = any (array(
        select heads.id
        from unnest(p_route_ids, p_floors, v_takes) as lines (route_id, floor, take)
        cross join lateral (
          select waiting.id
          from longshore.jobs as waiting
          where waiting.org_id = p_org_id
            and waiting.route_id = lines.route_id
            and waiting.order_key > 0
            and waiting.state = 'available'
            and waiting.order_key >= lines.floor
          order by waiting.order_key
          limit lines.take
          for update skip locked
        ) as heads
      ))
    returning
      jobs.session_id, jobs.id, jobs.route_id, jobs.order_key, jobs.lease_token, jobs.epoch, jobs.attempt, jobs.max_attempts,
      jobs.timeout_seconds, jobs.payload, jobs.metadata, jobs.tags, jobs.batch_id, jobs.external_id, jobs.created_at, jobs.run_at
  ), noted as (
    insert into longshore.session_claims (org_id, session_id, claimed_at, deadline_at, job_ids)
    select p_org_id, p_session_id, v_now, v_now + make_interval(secs => min(claimed.timeout_seconds)), array_agg(claimed.id)
    from claimed
    having count(*) > 0
  )
  select * from claimed;
  get diagnostics v_got = row_count;

  -- Another claim took some of the heads that were seen: take what stands behind them rather than nothing.
  if cardinality(p_route_ids) > 1 and v_got < v_wanted then
    for v_line in 1 .. cardinality(p_route_ids) loop
      exit when v_got >= p_limit;
      return query
      select *
      from longshore.claim_from_lane(
        p_org_id, p_session_id, p_limit - v_got, p_secret, p_route_ids[v_line : v_line], p_floors[v_line : v_line]
      );
      get diagnostics v_wanted = row_count;
      v_got := v_got + v_wanted;
    end loop;
  end if;
end
$$;
