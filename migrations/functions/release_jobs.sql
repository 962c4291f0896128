-- Gives running jobs back unspent: the attempt does not count. p_items is an array of {id, lease_token}.
-- Answers one row an item; is_accepted false when the lease was lost, with the job's present state.
create or replace function longshore.release_jobs(p_org_id int, p_items json)
returns table (id uuid, lease_token uuid, state longshore.job_state, is_accepted boolean, has_dependants boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_ids    uuid[];
  v_tokens uuid[];
  v_held   uuid[];
  v_spent  uuid[];
begin
  perform longshore.enter_org(p_org_id);
  select array_agg(items.id), array_agg(items.lease_token)
  into v_ids, v_tokens
  from json_to_recordset(p_items) as items (id uuid, lease_token uuid);

  select coalesce(array_agg(held.id), '{}'), coalesce(array_agg(held.lease_token), '{}')
  into v_held, v_spent
  from longshore.lock_leased(p_org_id, v_ids, v_tokens) as held;

  return query
  select released.id, null::uuid, released.state, true, released.state = 'cancelled'
  from longshore.give_back(p_org_id, v_held, 'released', null) as released;

  if cardinality(v_held) < cardinality(v_ids) then
    return query select * from longshore.refused_leases(p_org_id, v_ids, v_tokens, v_held, v_spent);
  end if;
end
$$;
