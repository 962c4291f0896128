-- Those of these sessions, p_ids[i] of org p_org_ids[i], that should beat now: somebody asked to cancel a job they run or sent
-- them a message since their last heartbeat, or they have ended. p_slack_seconds looks so far behind the heartbeat too, for
-- what committed after it and had begun before. A hint: what there is to know stands in the heartbeat's answer.
create or replace function longshore.sessions_with_news(p_org_ids int[], p_ids uuid[], p_slack_seconds double precision)
returns table (id uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  with asked as materialized (
    select
      sessions.org_id, sessions.id, sessions.ended_at,
      sessions.heartbeat_at - make_interval(secs => p_slack_seconds) as known_until
    from unnest(p_org_ids, p_ids) as given (org_id, id)
    join longshore.worker_sessions as sessions on sessions.org_id = given.org_id and sessions.id = given.id
  ), cancels as materialized (
    select jobs.org_id, jobs.session_id, max(jobs.cancel_requested_at) as at
    from longshore.jobs
    where jobs.cancel_requested_at > (select min(asked.known_until) from asked where asked.ended_at is null)
    group by jobs.org_id, jobs.session_id
  )
  select asked.id
  from asked
  left join cancels on cancels.org_id = asked.org_id and cancels.session_id = asked.id
  where asked.ended_at is not null
    or cancels.at > asked.known_until
    or exists (
      select
      from longshore.worker_messages as messages
      where messages.org_id = asked.org_id
        and messages.session_id = asked.id
        and messages.direction = 'to_worker'
        and messages.acknowledged_at is null
        and messages.created_at > asked.known_until
        and messages.expires_at > (select longshore.now())
    )
$$;
