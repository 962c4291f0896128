-- What to answer to lease holders whose write was not taken by this call (those not among p_taken): the recorded state when
-- this very token finished the job before, else that the lease is lost and the job's present state.
create or replace function longshore.refused_leases(
  p_org_id int, p_ids uuid[], p_tokens uuid[], p_taken_ids uuid[], p_taken_tokens uuid[]
)
returns table (id uuid, lease_token uuid, state longshore.job_state, is_accepted boolean, has_dependants boolean)
language sql stable
as $$
  select
    items.id,
    items.lease_token,
    coalesce(done.state, longshore.job_state(p_org_id, items.id)),
    done.state is not null,
    false
  from unnest(p_ids, p_tokens) as items (id, lease_token)
  left join lateral (
    select finished_jobs.state
    from longshore.finished_jobs
    where finished_jobs.org_id = p_org_id
      and finished_jobs.id = items.id
      and finished_jobs.lease_token = items.lease_token
    -- One probe an item whatever the statistics say; see check_leases.
    limit 1
  ) as done on true
  where not exists (
    select
    from unnest(p_taken_ids, p_taken_tokens) as taken (id, lease_token)
    where taken.id = items.id and taken.lease_token = items.lease_token
  )
$$;
