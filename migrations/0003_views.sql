-- What dashboards and the API read. Columns may be added, never changed or removed.

create view longshore.live_jobs with (security_invoker = true) as
select
  jobs.org_id, jobs.id, routes.kind, routes.queue, routes.priority, routes.required_capabilities, routes.category,
  jobs.state, jobs.epoch, jobs.attempt, jobs.max_attempts, jobs.rescues,
  jobs.run_at, jobs.created_at, jobs.started_at, null::timestamptz as finished_at,
  jobs.session_id, jobs.timeout_seconds, jobs.payload, jobs.progress, null::json as result, null::jsonb as error,
  jobs.backoff, jobs.external_id, jobs.idempotency_key, jobs.batch_id, jobs.metadata, jobs.tags,
  jobs.created_by, jobs.cancel_requested_at, jobs.cancelled_by, jobs.cancel_reason, jobs.attempts,
  jobs.progress_at, jobs.output_lines
from longshore.jobs
join longshore.routes on routes.org_id = jobs.org_id and routes.id = jobs.route_id;

create view longshore.job_history with (security_invoker = true) as
select
  done.org_id, done.id, routes.kind, routes.queue, routes.priority, routes.required_capabilities, routes.category,
  done.state, done.epoch, done.attempt, done.max_attempts, done.rescues,
  done.run_at, done.created_at, done.started_at, done.finished_at,
  done.session_id, done.timeout_seconds, done.payload, null::json as progress, done.result, done.error,
  done.backoff, done.external_id, done.idempotency_key, done.batch_id, done.metadata, done.tags,
  done.created_by, done.cancel_requested_at, done.cancelled_by, done.cancel_reason, done.attempts,
  done.progress_at, done.output_lines
from longshore.finished_jobs as done
join longshore.routes on routes.org_id = done.org_id and routes.id = done.route_id;

create view longshore.all_jobs with (security_invoker = true) as
select * from longshore.live_jobs
union all
select * from longshore.job_history;

-- The trail of each job: who did what to it, and when. Sort by (at, place). Nothing is written for it: it is read from the
-- job's own row. finished_at is that of the job: a bound on it (or null) spares all of history but its days.
create view longshore.job_events with (security_invoker = true) as
select
  jobs.org_id,
  jobs.id as job_id,
  events.at,
  events.event,
  events.attempt,
  case when events.by is null then 'worker ' || workers.name else coalesce('key ' || keys.name, events.by) end as actor,
  workers.worker_id,
  workers.name as worker_name,
  events.session_id,
  case when keys.id is null then events.detail else coalesce(events.detail, '{}') || jsonb_build_object('key_id', keys.id) end as detail,
  jobs.finished_at,
  events.place
from (
  select
    org_id, id, state, attempt, created_at, created_by, started_at, session_id, progress_at,
    cancel_requested_at, cancelled_by, cancel_reason, null::timestamptz as finished_at, null::jsonb as error, attempts
  from longshore.jobs
  union all
  select
    org_id, id, state, attempt, created_at, created_by, started_at, session_id, progress_at,
    cancel_requested_at, cancelled_by, cancel_reason, finished_at, error, attempts
  from longshore.finished_jobs
) as jobs
cross join lateral (
  -- The attempts that ended without completing the job, and the retries that people asked for.
  select steps.at, steps.event, steps.attempt, steps.by, steps.session_id, steps.detail, ended.place * 10 + steps.place as place
  from rows from (
    jsonb_to_recordset(jobs.attempts) as (
      attempt int, outcome text, started_at timestamptz, ended_at timestamptz, session_id uuid, error jsonb,
      progress_at timestamptz, retry_at timestamptz, by text, state text, finished_at timestamptz,
      cancel_requested_at timestamptz, cancelled_by text, cancel_reason text
    )
  ) with ordinality as ended (
    attempt, outcome, started_at, ended_at, session_id, error, progress_at, retry_at, by, state, finished_at,
    cancel_requested_at, cancelled_by, cancel_reason, place
  )
  cross join lateral (
    values
      (ended.started_at, 'claimed', ended.attempt, null, ended.session_id, null::jsonb, 1),
      (ended.progress_at, 'progress', ended.attempt, null, ended.session_id, null, 2),
      (
        ended.ended_at,
        case ended.outcome
          when 'rescued' then 'heartbeat_lost'
          when 'cancelled' then null
          when 'retried' then null
          else ended.outcome
        end,
        ended.attempt,
        case when ended.outcome in ('rescued', 'timed_out') then 'longshore' end,
        ended.session_id,
        jsonb_build_object('error', ended.error - 'stack' - 'details'),
        3
      ),
      (case when ended.retry_at is not null then ended.ended_at end, 'retried', ended.attempt, 'longshore', null,
        jsonb_build_object('run_at', ended.retry_at), 4),
      (ended.cancel_requested_at, 'cancel_requested', null, ended.cancelled_by, null,
        jsonb_build_object('reason', ended.cancel_reason), 5),
      (ended.finished_at, case ended.state when 'failed' then 'dead_lettered' else ended.state end, null,
        case ended.state when 'failed' then 'longshore' else ended.cancelled_by end, null,
        jsonb_build_object('reason', ended.cancel_reason, 'error', ended.error - 'stack' - 'details'), 6),
      (case when ended.outcome = 'retried' then ended.ended_at end,
        case when ended.state is null then 'retried' else 'redriven' end, null, ended.by, null,
        jsonb_build_object('run_at', ended.ended_at), 7)
  ) as steps (at, event, attempt, by, session_id, detail, place)
  union all
  -- What the row itself says: how it began, who runs it or completed it, how it ended.
  select facts.at, facts.event, facts.attempt, facts.by, facts.session_id, facts.detail, facts.place
  from (
    values
      (jobs.created_at, 'created', null::int, jobs.created_by, null::uuid, null::jsonb, 0),
      (case when jobs.state in ('running', 'completed') then jobs.started_at end, 'claimed', jobs.attempt, null,
        jobs.session_id, null, 1001),
      (jobs.progress_at, 'progress', jobs.attempt, null, jobs.session_id, null, 1002),
      (jobs.cancel_requested_at, 'cancel_requested', null, jobs.cancelled_by, null,
        jsonb_build_object('reason', jobs.cancel_reason), 1003),
      (case when jobs.state = 'completed' then jobs.finished_at end, 'completed', jobs.attempt, null, jobs.session_id, null, 1004),
      (case when jobs.state = 'cancelled' then jobs.finished_at end, 'cancelled', null, jobs.cancelled_by, null,
        jsonb_build_object('reason', jobs.cancel_reason), 1005),
      (case when jobs.state = 'failed' then jobs.finished_at end, 'dead_lettered', null, 'longshore', null,
        jsonb_build_object('error', jobs.error - 'stack' - 'details'), 1006)
  ) as facts (at, event, attempt, by, session_id, detail, place)
) as events
-- limit keeps these a look by primary key for each event: a join would read every session and key of the org for one job.
left join lateral (
  select sessions.worker_id, workers.name
  from longshore.worker_sessions as sessions
  join longshore.workers on workers.org_id = sessions.org_id and workers.id = sessions.worker_id
  where sessions.org_id = jobs.org_id and sessions.id = events.session_id
  limit 1
) as workers on true
left join lateral (
  select api_keys.id, api_keys.name
  from longshore.api_keys
  where api_keys.org_id = jobs.org_id
    and api_keys.id = case when events.by ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then events.by::uuid end
  limit 1
) as keys on true
where events.at is not null and events.event is not null;

comment on view longshore.job_events is
  'events: created, claimed, progress, heartbeat_lost, completed, failed, timed_out, retried, snoozed, released, cancel_requested, cancelled, dead_lettered, redriven.';

-- What the view below needs to be there; functions/now.sql puts the clock in its place.
create function longshore.now() returns timestamptz language sql volatile parallel safe as $$ select clock_timestamp() $$;

-- The processes of all workers, with what each runs now; those that have ended stay for as long as history is kept.
create view longshore.worker_health with (security_invoker = true) as
select
  sessions.org_id,
  sessions.id as session_id,
  sessions.worker_id,
  workers.name as worker_name,
  case
    when sessions.ended_at is not null or silence.seconds > sessions.lease_seconds then 'offline'
    when silence.seconds > sessions.lease_seconds * 2 / 3 then 'unhealthy'
    when sessions.is_draining then 'draining'
    when held.running_jobs >= sessions.concurrency then 'busy'
    else 'available'
  end as state,
  held.running_jobs,
  held.running_job_ids,
  held.running_by_category,
  sessions.concurrency,
  sessions.category_limits,
  sessions.kinds,
  sessions.capabilities,
  sessions.attributes,
  sessions.queues,
  sessions.host,
  sessions.pid,
  sessions.version,
  sessions.sdk_version,
  sessions.started_at as connected_at,
  sessions.heartbeat_at as last_heartbeat_at,
  sessions.ended_at as disconnected_at,
  sessions.end_reason as disconnect_reason
from longshore.worker_sessions as sessions
join longshore.workers on workers.org_id = sessions.org_id and workers.id = sessions.worker_id
cross join lateral (
  select extract(epoch from longshore.now() - sessions.heartbeat_at)::double precision as seconds
) as silence
cross join lateral (
  select
    count(*)::int as running_jobs,
    coalesce((array_agg(jobs.id order by jobs.id))[1:100], '{}') as running_job_ids,
    coalesce(jsonb_object_agg(jobs.category, jobs.alike) filter (where jobs.category is not null), '{}') as running_by_category
  from (
    select running.id, routes.category, count(*) over (partition by routes.category) as alike
    from longshore.jobs as running
    join longshore.routes on routes.org_id = running.org_id and routes.id = running.route_id
    where running.org_id = sessions.org_id
      and running.session_id = sessions.id
      and running.state = 'running'
      and running.id = any (array(
        select unnest(claims.job_ids)
        from longshore.session_claims as claims
        where claims.org_id = sessions.org_id and claims.session_id = sessions.id
      ))
  ) as jobs
) as held;

comment on view longshore.worker_health is
  'state, the first that is true: offline (ended, or its lease is over), unhealthy (silent for more than two heartbeats), draining, busy, available. running_job_ids are a hundred at most.';
