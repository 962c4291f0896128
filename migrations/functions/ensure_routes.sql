-- Makes the routes that a batch of submits needs and that do not exist yet.
create or replace function longshore.ensure_routes(p_org_id int, p_items longshore.submit_item[]) returns void
language sql volatile
set search_path = ''
as $$
  insert into longshore.routes (org_id, queue, kind, priority, required_capabilities)
  select p_org_id, wanted.queue, wanted.kind, wanted.priority, wanted.required_capabilities
  from (
    select distinct items.queue, items.kind, items.priority, items.required_capabilities
    from unnest(p_items) as items
    order by 1, 2, 3, 4
  ) as wanted
  where not exists (
    select
    from longshore.routes
    where routes.org_id = p_org_id
      and routes.queue = wanted.queue
      and routes.kind = wanted.kind
      and routes.priority = wanted.priority
      and routes.required_capabilities = wanted.required_capabilities
  )
  on conflict do nothing
$$;
