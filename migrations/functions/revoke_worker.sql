-- Revokes a worker: its keys stop working, its sessions end and its running jobs go back unspent.
-- Returns false when there is no such worker; revoking twice changes nothing.
create or replace function longshore.revoke_worker(p_org_id int, p_worker_id uuid) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now timestamptz := longshore.now();
begin
  perform longshore.enter_org(p_org_id);
  update longshore.workers set revoked_at = coalesce(revoked_at, v_now) where org_id = p_org_id and id = p_worker_id;
  if not found then
    return false;
  end if;
  update longshore.api_keys set revoked_at = v_now
  where org_id = p_org_id and worker_id = p_worker_id and revoked_at is null;
  perform longshore.end_worker_sessions(p_org_id, array[p_worker_id]);
  return true;
end
$$;
