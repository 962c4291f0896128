-- Makes the batches that the jobs of a submit belong to and that do not exist yet.
create or replace function longshore.ensure_batches(p_org_id int, p_items longshore.submit_item[]) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into longshore.batches (org_id, id, created_at)
  select distinct p_org_id, items.batch_id, longshore.now()
  from unnest(p_items) as items
  where items.batch_id is not null
  order by items.batch_id
  on conflict do nothing
$$;
