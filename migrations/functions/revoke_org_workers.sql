-- Revokes every worker of an org, as revoke_worker does one. Returns how many were revoked by this call.
create or replace function longshore.revoke_org_workers(p_org_id int) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now     timestamptz := longshore.now();
  v_workers uuid[];
begin
  perform longshore.enter_org(p_org_id);
  v_workers := array(
    select workers.id
    from longshore.workers
    where workers.org_id = p_org_id and workers.revoked_at is null
    order by workers.id
    for no key update
  );
  update longshore.workers set revoked_at = v_now where org_id = p_org_id and id = any (v_workers);
  update longshore.api_keys set revoked_at = v_now
  where org_id = p_org_id and worker_id = any (v_workers) and revoked_at is null;
  perform longshore.end_worker_sessions(p_org_id, v_workers);
  return cardinality(v_workers);
end
$$;
