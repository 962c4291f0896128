-- How many jobs of a queue finished how, as far as history is kept. Reads from the newest back for two seconds or so: counted_since
-- is null when that was all of history, else how far it came.
create or replace function longshore.count_finished(p_org_id int, p_queue text)
returns table (completed int, failed int, cancelled int, counted_since timestamptz)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
  v_began   timestamptz := clock_timestamp();
  v_start   timestamptz := longshore.history_start();
  v_routes  int[] := array(select routes.id from longshore.routes where routes.org_id = p_org_id and routes.queue = p_queue);
  v_stretch interval := '10 minutes';
  v_from    timestamptz := longshore.now() - v_stretch;
  v_until   timestamptz := 'infinity';
  v_part    record;
  v_read_at timestamptz;
begin
  completed := 0;
  failed := 0;
  cancelled := 0;
  loop
    v_read_at := clock_timestamp();
    select
      count(*) filter (where done.state = 'completed') as completed,
      count(*) filter (where done.state = 'failed') as failed,
      count(*) filter (where done.state = 'cancelled') as cancelled
    into v_part
    from longshore.finished_jobs as done
    where done.org_id = p_org_id
      and done.route_id = any (v_routes)
      and done.finished_at >= v_from
      and done.finished_at < v_until;
    completed := completed + v_part.completed;
    failed := failed + v_part.failed;
    cancelled := cancelled + v_part.cancelled;
    exit when v_from <= v_start;
    counted_since := v_from;
    exit when clock_timestamp() - v_began > interval '2 seconds';
    counted_since := null;
    v_stretch := longshore.next_stretch(v_stretch, v_read_at);
    v_until := v_from;
    v_from := greatest(v_from - v_stretch, v_start);
  end loop;
  return next;
end
$$;
