-- Revokes a key. With the last usable key of a worker its sessions end too, and its running jobs go back unspent.
-- Returns false when there is no such key; revoking twice changes nothing.
create or replace function longshore.revoke_key(p_org_id int, p_key_id uuid) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now       timestamptz := longshore.now();
  v_worker_id uuid;
begin
  perform longshore.enter_org(p_org_id);
  select keys.worker_id into v_worker_id
  from longshore.api_keys as keys
  where keys.org_id = p_org_id and keys.id = p_key_id;
  if not found then
    return false;
  end if;
  -- One revoke of a worker's keys after the other, or each of two would take the other's key for one that stays.
  perform from longshore.workers where org_id = p_org_id and id = v_worker_id for no key update;

  update longshore.api_keys set revoked_at = v_now
  where org_id = p_org_id and id = p_key_id and revoked_at is null;
  if found and longshore.has_lost_its_keys(p_org_id, v_worker_id) then
    perform longshore.end_worker_sessions(p_org_id, array[v_worker_id]);
  end if;
  return true;
end
$$;
