-- Those of the items of a submit that may be repeats and whose job has finished already. An id is never older than its job,
-- so only history since then is probed. Those that live are locked: one that finished after this look would be made again.
create or replace function longshore.find_repeats(p_org_id int, p_items longshore.submit_item[]) returns setof uuid
language plpgsql
as $$
declare
  v_ids    uuid[] := array(select items.id from unnest(p_items) as items where items.is_repeat);
  v_oldest timestamptz := (
    select min(longshore.instant_of_uuid_v7(ids.id)) - interval '1 day' from unnest(v_ids) as ids (id)
  );
begin
  perform from longshore.jobs
  where jobs.org_id = p_org_id and jobs.id = any (v_ids)
  order by jobs.id
  for key share;

  return query
  select done.id
  from longshore.finished_jobs as done
  where done.org_id = p_org_id and done.id = any (v_ids) and done.finished_at >= v_oldest;
end
$$;
