-- The route of a kind of job, made when there is none yet. Routes never change, so callers may remember the id.
create or replace function longshore.ensure_route(
  p_org_id int, p_queue text, p_kind text, p_priority smallint, p_required_capabilities text[], p_category text
) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_capabilities text[] := array(select distinct names.name from unnest(p_required_capabilities) as names (name) order by 1);
  v_id           int;
begin
  perform longshore.enter_org(p_org_id);
  loop
    select routes.id into v_id
    from longshore.routes
    where org_id = p_org_id
      and queue = p_queue
      and kind = p_kind
      and priority = p_priority
      and required_capabilities = v_capabilities
      and category is not distinct from p_category;
    if found then
      return v_id;
    end if;

    insert into longshore.routes (org_id, queue, kind, priority, required_capabilities, category)
    values (p_org_id, p_queue, p_kind, p_priority, v_capabilities, p_category)
    on conflict do nothing;
  end loop;
end
$$;
