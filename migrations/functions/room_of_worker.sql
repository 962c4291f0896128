-- How many more jobs a worker may take now, all its sessions together: in all (null for any number) and for each category its
-- policy has a limit for. None once it is revoked or has expired. The worker's row stays locked until the transaction ends, so
-- that its claims count one after the other; then the sessions that are to get the jobs: everybody locks worker, sessions, jobs
-- in this order. Where the policy counts no running jobs, the sessions that are to get some are the only ones looked at.
create or replace function longshore.room_of_worker(p_org_id int, p_worker_id uuid, p_session_ids uuid[])
returns table (room int, categories text[], rooms int[])
language plpgsql
as $$
declare
  v_worker   longshore.workers;
  v_sessions uuid[] := p_session_ids;
  v_load     jsonb;
  v_running  int;
begin
  select * into v_worker
  from longshore.workers
  where workers.org_id = p_org_id and workers.id = p_worker_id and workers.revoked_at is null
  for no key update;
  if not found or v_worker.expires_at <= longshore.now() then
    return query select 0, '{}'::text[], '{}'::int[];
    return;
  end if;
  perform from longshore.worker_sessions as sessions
  where sessions.org_id = p_org_id and sessions.id = any (p_session_ids) and sessions.ended_at is null
  order by sessions.id
  for key share;

  if v_worker.max_concurrent_jobs is not null or v_worker.category_limits <> '{}' then
    v_sessions := array(
      select sessions.id
      from longshore.worker_sessions as sessions
      where sessions.org_id = p_org_id and sessions.worker_id = p_worker_id and sessions.ended_at is null
    );
  end if;
  perform longshore.forget_spent_claims(p_org_id, v_sessions);
  select
    coalesce(sum(loads.running), 0),
    coalesce(jsonb_object_agg(loads.category, loads.running) filter (where loads.category is not null), '{}')
  into v_running, v_load
  from (
    select counts.category, sum(counts.running) as running
    from longshore.load_of_sessions(p_org_id, v_sessions) as counts
    group by counts.category
  ) as loads;

  return query
  select
    least(v_worker.max_concurrent_jobs - v_running, longshore.claims_left(p_org_id, p_worker_id, v_worker.claims_per_minute)),
    coalesce(array_agg(limits.category), '{}'),
    coalesce(array_agg(limits.running_max::int - coalesce((v_load ->> limits.category)::int, 0)), '{}')
  from jsonb_each_text(v_worker.category_limits) as limits (category, running_max);
end
$$;
