-- Puts jobs, which the caller has locked, at the end of their lines, in the order given. The lease, if any, ends.
create or replace function longshore.make_available(p_org_id int, p_ids uuid[], p_now timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_keys bigint[];
begin
  -- claim_floors relies on this order: a transaction has its id before it draws an order key.
  perform pg_catalog.pg_current_xact_id();
  v_keys := array(select nextval('longshore.job_order') from generate_series(1, cardinality(p_ids)));

  update longshore.jobs
  set
    state = 'available',
    order_key = places.order_key,
    run_at = p_now,
    session_id = null,
    lease_token = null,
    started_at = null,
    progress = null
  from unnest(p_ids, v_keys) as places (id, order_key)
  where jobs.org_id = p_org_id and jobs.id = any (p_ids) and jobs.id = places.id;
end
$$;
