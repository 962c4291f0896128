-- Ties freshly inserted jobs to the parents they wait for: notes how finished parents ended, marks live ones as having
-- dependants. The parents of the whole batch are locked once, in id order. A job that names a parent that does not
-- exist, itself or one that comes later in the batch, or a batch that never had a job, is taken out again, with those
-- that wait for it; their ids are returned.
create or replace function longshore.link_dependencies(p_org_id int, p_items longshore.submit_item[]) returns setof uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_live uuid[];
begin
  v_live := array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.id = any (array(select unnest(items.depends_on) from unnest(p_items) as items))
    order by jobs.id
    for update
  );

  update longshore.jobs set has_dependants = true
  where org_id = p_org_id and id = any (v_live) and not has_dependants;

  insert into longshore.job_dependencies (org_id, job_id, parent_id, outcome)
  select p_org_id, wanted.job_id, wanted.parent_id, done.state
  from (select items.id as job_id, unnest(items.depends_on) as parent_id from unnest(p_items) as items) as wanted
  left join lateral (
    select finished_jobs.state
    from longshore.finished_jobs
    where finished_jobs.org_id = p_org_id and finished_jobs.id = wanted.parent_id and wanted.parent_id <> all (v_live)
  ) as done on true;

  insert into longshore.job_dependencies (org_id, job_id, batch_id)
  select p_org_id, items.id, items.after_batch from unnest(p_items) as items where items.after_batch is not null;

  update longshore.batches set has_dependants = true
  where org_id = p_org_id
    and id = any (array(select items.after_batch from unnest(p_items) as items))
    and not has_dependants;

  return query
  with recursive places as (
    select items.id, items.depends_on, items.after_batch, items.ordinality as place from unnest(p_items) with ordinality as items
  ), orphans (job_id) as (
    select ties.job_id
    from longshore.job_dependencies as ties
    join places as children on children.id = ties.job_id
    left join places as parents on parents.id = ties.parent_id
    where ties.org_id = p_org_id
      and ties.job_id = any (array(select places.id from places))
      and ties.outcome is null
      and ties.parent_id is not null
      and (ties.parent_id <> all (v_live) or parents.place >= children.place)
    union
    select children.id
    from places as children
    where children.after_batch is not null
      and not exists (
        select from longshore.batches where batches.org_id = p_org_id and batches.id = children.after_batch
      )
    union
    select children.id from orphans join places as children on orphans.job_id = any (children.depends_on)
  ), untied as (
    delete from longshore.job_dependencies
    where org_id = p_org_id and job_id in (select orphans.job_id from orphans)
  ), taken_out as (
    delete from longshore.jobs where org_id = p_org_id and id in (select orphans.job_id from orphans)
    returning idempotency_key
  ), freed as (
    delete from longshore.idempotency_keys
    where org_id = p_org_id and key in (select taken_out.idempotency_key from taken_out)
  )
  select orphans.job_id from orphans;
end
$$;
