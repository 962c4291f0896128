-- Inserts an array of submit_item as jobs and gives those that need not wait for anything their place in line, in the order
-- of the batch. Left out are p_held (an earlier job stands for them) and ids of live jobs. submit_jobs does the rest of a
-- submit; the API calls this one directly for jobs without keys, ties or repeats, which need no more than it does.
create or replace function longshore.insert_jobs(
  p_org_id int, p_jobs json, p_created_by text, p_held uuid[] default '{}'
)
returns table (id uuid, state longshore.job_state)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := longshore.now();
begin
  perform longshore.enter_org(p_org_id);
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
    items.route_id,
    starts.state,
    case starts.state when 'available' then nextval('longshore.job_order') when 'blocked' then -1 else 0 end,
    coalesce(items.run_at, v_now + make_interval(secs => items.delay_seconds), v_now),
    v_now,
    items.max_attempts,
    coalesce(items.payload, 'null'),
    items.timeout_seconds,
    items.backoff,
    items.external_id,
    items.idempotency_key,
    items.batch_id,
    items.metadata,
    items.tags,
    items.on_dependency_failure,
    p_created_by
  from json_populate_recordset(null::longshore.submit_item, p_jobs) as items
  cross join lateral (
    select
      case
        when items.depends_on is not null or items.after_batch is not null then 'blocked'
        when items.run_at > v_now or items.delay_seconds > 0 then 'scheduled'
        else 'available'
      end::longshore.job_state as state
  ) as starts
  where items.id <> all (p_held)
  on conflict (id, org_id) do nothing
  returning jobs.id, jobs.state;
end
$$;
