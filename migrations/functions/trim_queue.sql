-- Applies a queue's retention of jobs that ended so ('completed' or 'failed', with the cancelled), at most p_limit of them, unless
-- somebody does so already or it is not due. Returns how many went. What finished within the last minute stays, so that a repeated
-- finish or submit, and whoever waits for the result, still finds it. Due again in a minute, or after a hundred times as long as
-- this look took, after ten times while there is more to remove: however large the history is, this costs a small part of a core.
create or replace function longshore.trim_queue(p_org_id int, p_queue text, p_outcome text, p_limit int) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now     timestamptz := longshore.now();
  v_began   timestamptz := clock_timestamp();
  v_states  longshore.job_state[] := case p_outcome when 'completed' then '{completed}' else '{failed,cancelled}' end;
  v_kept    longshore.queue_retention;
  v_to      timestamptz;
  v_edge    record;
  v_edge_id uuid;
  v_removed record;
begin
  perform longshore.enter_org(p_org_id);
  select *
  into v_kept
  from longshore.queue_retention as kept
  where kept.org_id = p_org_id and kept.queue = p_queue and kept.outcome = p_outcome and kept.due_at <= v_now
  for update skip locked;
  if not found then
    return 0;
  end if;

  v_to := v_now - make_interval(secs => v_kept.keep_seconds);
  if v_kept.keep_count is not null then
    select edge.finished_at, edge.id
    into v_edge
    from longshore.retention_edge(
      p_org_id,
      array(select routes.id from longshore.routes where routes.org_id = p_org_id and routes.queue = p_queue),
      v_states,
      v_kept.keep_count,
      coalesce(v_kept.swept_to, longshore.history_start())
    ) as edge;
    if v_edge.finished_at >= coalesce(v_to, '-infinity') then
      v_to := v_edge.finished_at;
      v_edge_id := v_edge.id;
    end if;
  end if;
  if v_to > v_now - interval '1 minute' then
    v_to := v_now - interval '1 minute';
    v_edge_id := null;
  end if;

  select removed.ids, removed.reached
  into v_removed
  from longshore.remove_finished(
    p_org_id, p_queue, v_states, v_kept.swept_to, coalesce(v_to, v_kept.swept_to, '-infinity'), v_edge_id, p_limit
  ) as removed;

  update longshore.queue_retention
  set
    swept_to = v_removed.reached,
    due_at = v_now + case
      when v_removed.reached < v_to then 10 * (clock_timestamp() - v_began)
      else greatest(interval '1 minute', 100 * (clock_timestamp() - v_began))
    end
  where org_id = p_org_id and queue = p_queue and outcome = p_outcome;
  return cardinality(v_removed.ids);
end
$$;
