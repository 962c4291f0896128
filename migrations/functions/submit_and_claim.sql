-- insert_new_jobs and claim_jobs in one statement, for jobs that somebody waits for already: one round trip and one flush of the
-- WAL instead of two. Returns what was claimed, which may be other jobs that have waited for longer.
create or replace function longshore.submit_and_claim(
  p_org_id int, p_ids uuid[], p_route_ids int[], p_payloads json[], p_max_attempts int[], p_created_by text,
  p_session_ids uuid[], p_limits int[], p_secret bytea, p_kinds text[], p_capabilities text[], p_queues text[],
  p_priority_min int, p_priority_max int, p_limited_worker_id uuid, p_floor_routes int[], p_floor_keys bigint[]
)
returns table (
  session_id uuid, id uuid, route_id int, order_key bigint, lease_token uuid, epoch int, attempt smallint, max_attempts smallint,
  timeout_seconds double precision, payload json, metadata json, tags text[], batch_id text, external_id text,
  created_at timestamptz, run_at timestamptz
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform longshore.insert_new_jobs(p_org_id, p_ids, p_route_ids, p_payloads, p_max_attempts, p_created_by);
  return query
  select *
  from longshore.claim_jobs(
    p_org_id, p_session_ids, p_limits, p_secret, p_kinds, p_capabilities, p_queues, p_priority_min, p_priority_max,
    p_limited_worker_id, p_floor_routes, p_floor_keys
  );
end
$$;
