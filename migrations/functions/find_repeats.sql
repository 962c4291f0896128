-- Those of these ids, which may have been submitted before, whose job has finished already. An id is never older than its job,
-- so only history since then is probed. Those that live are locked: one that finished after this look would be made again.
create or replace function longshore.find_repeats(p_org_id int, p_ids uuid[]) returns setof uuid
language plpgsql
as $$
declare
  v_oldest timestamptz := (
    select min(longshore.instant_of_uuid_v7(ids.id)) - interval '1 day' from unnest(p_ids) as ids (id)
  );
begin
  insert into longshore.resent_jobs (org_id, job_id, sent_at)
  select p_org_id, ids.id, longshore.now() from unnest(p_ids) as ids (id) order by ids.id
  on conflict do nothing;

  perform from longshore.jobs
  where jobs.org_id = p_org_id and jobs.id = any (p_ids)
  order by jobs.id
  for key share;

  return query
  select done.id
  from longshore.finished_jobs as done
  where done.org_id = p_org_id and done.id = any (p_ids) and done.finished_at >= v_oldest;
end
$$;
