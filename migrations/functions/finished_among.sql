-- Which of these jobs are final: p_ids[i] of org p_org_ids[i]. None of them finished before p_since.
create or replace function longshore.finished_among(p_org_ids int[], p_ids uuid[], p_since timestamptz) returns table (id uuid)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select done.id
  from unnest(p_org_ids, p_ids) as asked (org_id, id)
  join longshore.finished_jobs as done on done.org_id = asked.org_id and done.id = asked.id
  where done.finished_at >= p_since
$$;
