-- Takes finished jobs of a queue out of history with their output, oldest first and at most p_limit: those in p_states that
-- finished from p_from (null: the beginning) until before p_to, and those at p_to with ids up to p_edge_id. Passes over what somebody
-- else holds locked. Reads for two seconds or so: reached is p_to when that was all, else where to go on. There is no index to find
-- them by: it would be paid by each finish.
create or replace function longshore.remove_finished(
  p_org_id int, p_queue text, p_states longshore.job_state[], p_from timestamptz, p_to timestamptz, p_edge_id uuid, p_limit int
)
returns table (ids uuid[], reached timestamptz)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
  v_began   timestamptz := clock_timestamp();
  v_routes  int[];
  v_stretch interval := '10 minutes';
  v_until   timestamptz;
  v_gone    uuid[];
  v_spoke   uuid[];
  v_read_at timestamptz;
begin
  perform longshore.enter_org(p_org_id);
  v_routes := array(select routes.id from longshore.routes where routes.org_id = p_org_id and routes.queue = p_queue);
  ids := '{}';
  reached := coalesce(p_from, longshore.history_start());
  while reached < p_to or (reached = p_to and p_edge_id is not null) loop
    v_read_at := clock_timestamp();
    v_until := least(reached + v_stretch, p_to);
    with old as (
      select done.id, done.finished_at
      from longshore.finished_jobs as done
      where done.org_id = p_org_id
        and done.state = any (p_states)
        and done.route_id = any (v_routes)
        and done.finished_at >= reached
        and done.finished_at <= v_until
        and (done.finished_at < v_until or (v_until = p_to and done.id <= p_edge_id))
      order by done.finished_at, done.id
      limit p_limit - cardinality(ids)
      for update skip locked
    ), gone as (
      delete from longshore.finished_jobs as done
      using old
      where done.org_id = p_org_id and done.id = old.id and done.finished_at = old.finished_at
      returning done.id, done.output_lines
    )
    select coalesce(array_agg(gone.id), '{}'), array_agg(gone.id) filter (where gone.output_lines > 0)
    into v_gone, v_spoke
    from gone;

    if v_spoke is not null then
      delete from longshore.job_output as output where output.org_id = p_org_id and output.job_id = any (v_spoke);
    end if;
    ids := ids || v_gone;
    exit when cardinality(ids) >= p_limit;
    reached := v_until;
    exit when v_until = p_to or clock_timestamp() - v_began > interval '2 seconds';
    v_stretch := longshore.next_stretch(v_stretch, v_read_at);
  end loop;
  return next;
end
$$;
