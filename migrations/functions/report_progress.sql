-- Stores progress (the last value wins) and output lines of running jobs for their lease holders. p_items is an array of
-- {id, lease_token, progress, output: [{stream, text}]}. Answers one row for each item whose lease was lost.
create or replace function longshore.report_progress(p_org_id int, p_items json)
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
  v_now    timestamptz := longshore.now();
  v_ids    uuid[];
  v_tokens uuid[];
  v_held   uuid[];
  v_proofs uuid[];
begin
  perform longshore.enter_org(p_org_id);
  select array_agg(items.id), array_agg(items.lease_token)
  into v_ids, v_tokens
  from json_to_recordset(p_items) as items (id uuid, lease_token uuid);

  select coalesce(array_agg(held.id), '{}'), coalesce(array_agg(held.lease_token), '{}')
  into v_held, v_proofs
  from longshore.lock_leased(p_org_id, v_ids, v_tokens) as held;

  update longshore.jobs set progress = items.progress, progress_at = v_now
  from json_to_recordset(p_items) as items (id uuid, lease_token uuid, progress json)
  where jobs.org_id = p_org_id
    and jobs.id = any (v_held)
    and jobs.id = items.id
    and jobs.lease_token = items.lease_token
    and items.progress is not null;

  insert into longshore.job_output (org_id, job_id, at, attempt, stream, line)
  select p_org_id, jobs.id, v_now, jobs.attempt, lines.stream, lines.text
  from json_to_recordset(p_items) as items (id uuid, lease_token uuid, output json)
  join longshore.jobs on jobs.org_id = p_org_id and jobs.id = items.id and jobs.lease_token = items.lease_token
  cross join json_to_recordset(items.output) as lines (stream text, text text)
  where jobs.id = any (v_held);

  if cardinality(v_held) < cardinality(v_ids) then
    return query select * from longshore.refused_leases(p_org_id, v_ids, v_tokens, v_held, v_proofs);
  end if;
end
$$;
