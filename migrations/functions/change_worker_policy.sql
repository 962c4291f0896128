-- Changes the policy of a worker and narrows its open sessions anew by what they announced. p_changes has the names of the
-- columns, and expires_in_seconds; what it leaves out stays. Returns the worker as it is now, or no row when there is none.
-- The locks wait for claims under way, and those that come later see the change: it holds from its commit on.
create or replace function longshore.change_worker_policy(p_org_id int, p_worker_id uuid, p_changes jsonb)
returns setof longshore.workers
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_worker longshore.workers;
begin
  perform longshore.enter_org(p_org_id);
  select * into v_worker
  from longshore.workers
  where workers.org_id = p_org_id and workers.id = p_worker_id and workers.revoked_at is null
  for no key update;
  if not found then
    return;
  end if;

  v_worker := jsonb_populate_record(v_worker, p_changes);
  if p_changes ? 'expires_in_seconds' then
    v_worker.expires_at := longshore.now() + make_interval(secs => (p_changes ->> 'expires_in_seconds')::double precision);
  end if;
  if v_worker.priority_min > v_worker.priority_max then
    raise exception using errcode = 'LS001', message = 'is larger than priorityMax', detail = 'priorityMin';
  end if;
  update longshore.workers
  set
    allowed_capabilities = v_worker.allowed_capabilities,
    denied_capabilities = v_worker.denied_capabilities,
    allowed_kinds = v_worker.allowed_kinds,
    priority_min = v_worker.priority_min,
    priority_max = v_worker.priority_max,
    max_concurrent_jobs = v_worker.max_concurrent_jobs,
    category_limits = v_worker.category_limits,
    claims_per_minute = v_worker.claims_per_minute,
    expires_at = v_worker.expires_at,
    metadata = v_worker.metadata
  where workers.org_id = p_org_id and workers.id = p_worker_id;

  perform from longshore.worker_sessions as sessions
  where sessions.org_id = p_org_id and sessions.worker_id = p_worker_id and sessions.ended_at is null
  order by sessions.id
  for update;
  update longshore.worker_sessions as sessions
  set (kinds, capabilities, priority_min, priority_max, is_limited) = (
    select narrowed.kinds, narrowed.capabilities, narrowed.priority_min, narrowed.priority_max, narrowed.is_limited
    from longshore.narrow_session(v_worker, sessions.announced, sessions.category_limits) as narrowed
  )
  where sessions.org_id = p_org_id and sessions.worker_id = p_worker_id and sessions.ended_at is null;
  return next v_worker;
end
$$;
