-- Locks, in id order, those of the running jobs whose lease token is the one given; returns their ids and tokens.
create or replace function longshore.lock_leased(p_org_id int, p_ids uuid[], p_tokens uuid[])
returns table (id uuid, lease_token uuid)
language sql volatile
as $$
  select jobs.id, jobs.lease_token
  from longshore.jobs
  join unnest(p_ids, p_tokens) as items (id, lease_token)
    on items.id = jobs.id and items.lease_token = jobs.lease_token
  where jobs.org_id = p_org_id and jobs.id = any (p_ids) and jobs.state = 'running'
  order by jobs.id
  for update of jobs
$$;
