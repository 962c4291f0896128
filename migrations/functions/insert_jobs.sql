-- Inserts the items of a submit as jobs and gives those that wait their place in line, in the order of the batch.
-- Left out are p_held (an earlier job stands for them) and ids that this org has submitted before.
create or replace function longshore.insert_jobs(
  p_org_id int, p_items longshore.submit_item[], p_held uuid[], p_created_by text
)
returns table (id uuid, state longshore.job_state)
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_now    timestamptz := longshore.now();
  v_oldest timestamptz := (
    select min(longshore.instant_of_uuid_v7(items.id)) - interval '1 day' from unnest(p_items) as items
  );
begin
  -- claim_floors relies on this order: a transaction has its id before it draws an order key.
  perform pg_catalog.pg_current_xact_id();

  return query
  insert into longshore.jobs (
    org_id, id, route_id, state, order_key, run_at, created_at, max_attempts, payload, timeout_seconds, backoff,
    external_id, idempotency_key, batch_id, metadata, tags, on_dependency_failure, created_by
  )
  select
    p_org_id,
    items.id,
    (
      select routes.id
      from longshore.routes
      where routes.org_id = p_org_id
        and routes.queue = items.queue
        and routes.kind = items.kind
        and routes.priority = items.priority
        and routes.required_capabilities = items.required_capabilities
    ),
    starts.state,
    case when starts.state = 'available' then nextval('longshore.job_order') else 0 end,
    starts.run_at,
    v_now,
    items.max_attempts,
    items.payload,
    items.timeout_seconds,
    items.backoff,
    items.external_id,
    items.idempotency_key,
    items.batch_id,
    items.metadata,
    items.tags,
    items.on_dependency_failure,
    p_created_by
  from unnest(p_items) as items
  cross join lateral (
    select
      coalesce(items.run_at, v_now + make_interval(secs => coalesce(items.delay_seconds, 0))) as run_at,
      case
        when items.depends_on is not null or items.after_batch is not null then 'blocked'
        when items.run_at > v_now or items.delay_seconds > 0 then 'scheduled'
        else 'available'
      end::longshore.job_state as state
  ) as starts
  where items.id <> all (p_held)
    -- A repeated submit may find its job finished. An id is never older than its job, so only the days since are probed.
    and not exists (
      select
      from longshore.finished_jobs
      where finished_jobs.org_id = p_org_id
        and finished_jobs.id = items.id
        and finished_jobs.finished_at between v_oldest and v_now
    )
  on conflict (org_id, id) do nothing
  returning jobs.id, jobs.state;
end
$$;
