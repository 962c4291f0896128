-- Takes an idempotency key for a job about to be inserted. Returns the job the key stands for: p_job_id when it was free,
-- another's id when the same input was submitted before, null when another input holds the key.
create or replace function longshore.take_idempotency_key(
  p_org_id int, p_key text, p_job_id uuid, p_input_hash bytea, p_hold_seconds double precision
) returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_holder longshore.idempotency_keys;
begin
  -- The holder may be pruned between the insert that met it and the read: then the key is free, so try again.
  loop
    insert into longshore.idempotency_keys (org_id, key, job_id, input_hash, hold_seconds, created_at)
    values (p_org_id, p_key, p_job_id, p_input_hash, p_hold_seconds, longshore.now())
    on conflict (org_id, key) do nothing;
    if found then
      return p_job_id;
    end if;

    select * into v_holder
    from longshore.idempotency_keys
    where org_id = p_org_id and key = p_key
    for update;
    continue when not found;

    if longshore.holds_idempotency_key(p_org_id, v_holder.job_id, v_holder.hold_seconds, v_holder.created_at) then
      return case when v_holder.input_hash = p_input_hash then v_holder.job_id end;
    end if;

    delete from longshore.idempotency_keys where org_id = p_org_id and key = p_key;
  end loop;
end
$$;
