-- Notes for the jobs that wait for p_parents that these have finished. Returns a row for each parent or batch for which
-- unblock_jobs has work, so that the caller can run it once this transaction has committed.
create or replace function longshore.settle_dependants(
  p_org_id int, p_parents uuid[], p_batches text[], p_outcome longshore.job_state
)
returns table (id uuid)
language plpgsql
as $$
#variable_conflict use_column
begin
  -- In this order here and in archive_jobs, so that parents that finish and children that are cancelled cannot deadlock.
  perform from longshore.job_dependencies as ties
  where ties.org_id = p_org_id and ties.parent_id = any (p_parents)
  order by ties.job_id, ties.parent_id
  for update;

  return query
  update longshore.job_dependencies set outcome = p_outcome
  where org_id = p_org_id and parent_id = any (p_parents)
  returning parent_id;

  return query
  select null::uuid
  from longshore.batches
  where org_id = p_org_id and id = any (p_batches) and has_dependants
  limit 1;
end
$$;
