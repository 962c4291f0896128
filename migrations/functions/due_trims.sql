-- Retentions of all orgs whose queues may be trimmed by now, longest due first; see trim_queue.
create or replace function longshore.due_trims(p_limit int) returns table (org_id int, queue text, outcome text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select kept.org_id, kept.queue, kept.outcome
  from longshore.queue_retention as kept
  where kept.due_at <= (select longshore.now())
  order by kept.due_at
  limit p_limit
$$;
