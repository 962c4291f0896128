-- Inserts jobs that need no more than a place in their line, in the order given: p_payloads[i] and p_max_attempts[i] are those of
-- p_ids[i]. Stores nothing and raises unique_violation when one of the ids is taken, serialization_failure when one was sent again
-- before this call came: submit_jobs then finds out what became of it.
create or replace function longshore.insert_new_jobs(
  p_org_id int, p_ids uuid[], p_route_ids int[], p_payloads json[], p_max_attempts int[], p_created_by text
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_now timestamptz := longshore.now();
begin
  perform longshore.enter_org(p_org_id);
  -- claim_floors relies on this order: a transaction has its id before it draws an order key.
  perform pg_catalog.pg_current_xact_id();

  insert into longshore.jobs (
    org_id, id, route_id, state, order_key, run_at, created_at, max_attempts, payload, created_by
  )
  select
    p_org_id, items.id, items.route_id, 'available', nextval('longshore.job_order'), v_now, v_now, items.max_attempts,
    items.payload, p_created_by
  from unnest(p_ids, p_route_ids, p_payloads, p_max_attempts) as items (id, route_id, payload, max_attempts);
  perform longshore.refuse_late_sends(p_org_id, p_ids);
end
$$;
