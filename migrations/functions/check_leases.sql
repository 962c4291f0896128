-- Which of the jobs that a worker believes it holds it has lost, and which somebody asked to cancel.
create or replace function longshore.check_leases(p_org_id int, p_ids uuid[], p_tokens uuid[])
returns table (lost json, cancel json)
language sql stable
as $$
  select
    coalesce(
      json_agg(json_build_object(
        'id', items.id, 'leaseToken', items.lease_token, 'state', longshore.job_state(p_org_id, items.id),
        'outcome', longshore.last_outcome(p_org_id, items.id)
      )) filter (where held.id is null),
      '[]'
    ),
    coalesce(
      json_agg(json_build_object('id', items.id, 'leaseToken', items.lease_token, 'reason', held.cancel_reason))
        filter (where held.cancel_requested_at is not null),
      '[]'
    )
  from unnest(p_ids, p_tokens) as items (id, lease_token)
  left join lateral (
    select jobs.id, jobs.cancel_requested_at, jobs.cancel_reason
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.id = items.id
      and jobs.lease_token = items.lease_token
      and jobs.state = 'running'
    -- One probe an item whatever the statistics say: planned as a join on an empty table, it read the whole org for each.
    limit 1
  ) as held on true
$$;
