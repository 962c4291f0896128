-- Writes one row of the audit log as the next link of its org's chain. Belongs last into the transaction of the act itself:
-- the head of the chain is locked from here until that commits. Raises LS005 for another org than the one that was entered;
-- who acts for the system, org 0, may write into any. Without a name the actor is the login of the connection.
create or replace function longshore.append_audit(
  p_org_id int, p_actor_key_id uuid, p_actor_role text, p_actor_name text, p_action text, p_target text,
  p_before jsonb, p_after jsonb, p_request_id text, p_address text
) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_acting_org int := nullif(current_setting('longshore.org_id', true), '')::int;
  v_head       longshore.audit_heads;
  v_row        longshore.audit_log;
begin
  if v_acting_org is null or v_acting_org not in (0, p_org_id) then
    raise exception using errcode = 'LS005', message = 'is not the org that was entered', detail = 'org';
  end if;

  select * into v_head from longshore.audit_heads where org_id = p_org_id for update;
  if not found then
    insert into longshore.audit_heads (org_id, seq, hash)
    values (p_org_id, 0, longshore.audit_genesis(p_org_id))
    on conflict (org_id) do nothing;
    select * into v_head from longshore.audit_heads where org_id = p_org_id for update;
  end if;

  v_row.org_id := p_org_id;
  v_row.seq := v_head.seq + 1;
  v_row.at := longshore.now();
  v_row.actor_key_id := p_actor_key_id;
  v_row.actor_role := p_actor_role;
  v_row.actor_name := coalesce(p_actor_name, session_user);
  v_row.action := p_action;
  v_row.target := p_target;
  v_row.before := p_before;
  v_row.after := p_after;
  v_row.request_id := p_request_id;
  v_row.address := p_address;
  v_row.previous_hash := v_head.hash;
  v_row.hash := longshore.audit_hash(v_row);
  insert into longshore.audit_log select v_row.*;
  update longshore.audit_heads set seq = v_row.seq, hash = v_row.hash where org_id = p_org_id;
  return v_row.seq;
end
$$;
