-- What differs from what a process knows of the open sessions of all orgs, p_ids[i] of org p_org_ids[i]: those that are open and
-- unknown, those that are known and open no more, and those that are unknown and ended in the last p_ended_seconds, each with
-- what they held when they ended. Of one that is pruned by now only its id is left.
create or replace function longshore.session_changes(p_org_ids int[], p_ids uuid[], p_ended_seconds double precision)
returns table (
  org_id int, org text, session_id uuid, is_open boolean, is_pruned boolean, worker_id uuid, worker_name text, kinds text[], capabilities text[],
  attributes jsonb, queues text[], concurrency int, category_limits jsonb, host text, pid int, version text, sdk_version text,
  connected_at timestamptz, end_reason text, held_at_end uuid[]
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with open as materialized (
    select sessions.org_id, sessions.id
    from longshore.worker_sessions as sessions
    where sessions.ended_at is null
  ),
  known as materialized (
    select asked.org_id, asked.id
    from unnest(p_org_ids, p_ids) as asked (org_id, id)
  ),
  changes as (
    select changed.org_id, changed.id, true as is_open
    from (table open except table known) as changed
    union all
    select changed.org_id, changed.id, false
    from (table known except table open) as changed
    union all
    select changed.org_id, changed.id, false
    from (
      select sessions.org_id, sessions.id
      from longshore.worker_sessions as sessions
      where sessions.ended_at > (select longshore.now()) - make_interval(secs => p_ended_seconds)
      except
      table known
    ) as changed
  )
  select
    changes.org_id, orgs.slug, changes.id, changes.is_open, sessions.id is null, sessions.worker_id, workers.name,
    sessions.kinds, sessions.capabilities, sessions.attributes, sessions.queues, sessions.concurrency, sessions.category_limits, sessions.host,
    sessions.pid, sessions.version, sessions.sdk_version, sessions.started_at, sessions.end_reason, sessions.held_at_end
  from changes
  left join longshore.worker_sessions as sessions on sessions.org_id = changes.org_id and sessions.id = changes.id
  left join longshore.workers on workers.org_id = sessions.org_id and workers.id = sessions.worker_id
  left join longshore.orgs on orgs.id = changes.org_id
  order by sessions.started_at, changes.id
$$;
