/** A job as every door shows it. */
export const jobSql = `
  select
    id, kind, queue, priority, category, state, payload, attempt, max_attempts as "maxAttempts", rescues,
    external_id as "externalId", metadata, coalesce(tags, '{}') as tags, batch_id as "batchId",
    to_json(run_at) #>> '{}' as "runAt", result, progress, error, cancel_reason as reason,
    coalesce(
      (
        select jsonb_agg(jsonb_build_object(
          'attempt', tries.value -> 'attempt', 'outcome', tries.value -> 'outcome', 'endedAt', tries.value -> 'ended_at'
        ) order by tries.place)
        from jsonb_array_elements(attempts) with ordinality as tries (value, place)
      ),
      '[]'
    ) as attempts
  from longshore.all_jobs
`;

export const openSessionSql = `
  insert into longshore.worker_sessions (
    org_id, id, worker_id, kinds, capabilities, queues, concurrency, lease_seconds, started_at, heartbeat_at
  )
  values ($1, $2, $3, $4, $5, $6, 10, $7, longshore.now(), longshore.now())
`;

export const claimSql = `
  select
    claimed.id, routes.kind, routes.queue, routes.priority, routes.category, claimed.payload, claimed.attempt,
    claimed.epoch as "fencingToken", claimed.lease_token as "leaseToken", coalesce(claimed.tags, '{}') as tags
  from longshore.worker_sessions as sessions
  cross join lateral longshore.claim_jobs(
    $1, array[sessions.id], array[$3::int], uuid_send(gen_random_uuid()),
    sessions.kinds, sessions.capabilities, sessions.queues,
    sessions.priority_min, sessions.priority_max, null, '{}', '{}'
  ) as claimed
  join longshore.routes on routes.org_id = $1 and routes.id = claimed.route_id
  where sessions.org_id = $1 and sessions.id = $2
  order by routes.priority, claimed.order_key
`;

export const batchStatusSql = `
  select
    sum(counts.jobs)::int as total,
    jsonb_object_agg(counts.state, counts.jobs) as "byState",
    coalesce(sum(counts.jobs) filter (where counts.state <= 'running'), 0) = 0 as "isDone"
  from (
    select states.state, count(jobs.id)::int as jobs
    from unnest(enum_range(null::longshore.job_state)) as states (state)
    left join longshore.all_jobs as jobs
      on jobs.org_id = $1 and jobs.batch_id = $2 and jobs.state = states.state
    group by states.state
  ) as counts
`;
