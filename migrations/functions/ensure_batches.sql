-- Makes the batches that a batch of submits names and that do not exist yet.
create or replace function longshore.ensure_batches(p_org_id int, p_items longshore.submit_item[]) returns void
language sql volatile
set search_path = ''
as $$
  insert into longshore.batches (org_id, id, created_at)
  select distinct p_org_id, named.id, longshore.now()
  from unnest(p_items) as items
  cross join lateral (values (items.batch_id), (items.after_batch)) as named (id)
  where named.id is not null
  order by named.id
  on conflict do nothing
$$;
