-- What dashboards and the API read. Columns may be added, never changed or removed.

create view longshore.live_jobs with (security_invoker = true) as
select
  jobs.org_id, jobs.id, routes.kind, routes.queue, routes.priority, routes.required_capabilities,
  jobs.state, jobs.epoch, jobs.attempt, jobs.max_attempts, jobs.rescues,
  jobs.run_at, jobs.created_at, jobs.started_at, null::timestamptz as finished_at,
  jobs.session_id, jobs.timeout_seconds, jobs.payload, jobs.progress, null::json as result, null::jsonb as error,
  jobs.backoff, jobs.external_id, jobs.idempotency_key, jobs.batch_id, jobs.metadata, jobs.tags,
  jobs.created_by, jobs.cancel_requested_at, jobs.cancelled_by, jobs.cancel_reason, jobs.attempts
from longshore.jobs
join longshore.routes on routes.org_id = jobs.org_id and routes.id = jobs.route_id;

create view longshore.job_history with (security_invoker = true) as
select
  done.org_id, done.id, routes.kind, routes.queue, routes.priority, routes.required_capabilities,
  done.state, done.epoch, done.attempt, done.max_attempts, done.rescues,
  done.run_at, done.created_at, done.started_at, done.finished_at,
  done.session_id, done.timeout_seconds, done.payload, null::json as progress, done.result, done.error,
  done.backoff, done.external_id, done.idempotency_key, done.batch_id, done.metadata, done.tags,
  done.created_by, null::timestamptz as cancel_requested_at, done.cancelled_by, done.cancel_reason, done.attempts
from longshore.finished_jobs as done
join longshore.routes on routes.org_id = done.org_id and routes.id = done.route_id;

create view longshore.all_jobs with (security_invoker = true) as
select * from longshore.live_jobs
union all
select * from longshore.job_history;
