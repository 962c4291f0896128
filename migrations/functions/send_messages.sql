-- Puts a message into the box of each open session that p_to names: {session_id}, {worker_id}, {capability}, {kind} or {all}.
-- Answers one row a message. A `cancel` also asks to cancel those of its job_ids that the sessions run. Raises LS006 when a
-- worker or session is named that has none open, LS009 when the box of one of them is full.
create or replace function longshore.send_messages(
  p_org_id int, p_to jsonb, p_type text, p_body json, p_expires_seconds double precision, p_waiting_max int, p_created_by text
) returns table (id uuid, session_id uuid, worker_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now      timestamptz := longshore.now();
  v_sessions uuid[];
begin
  perform longshore.enter_org(p_org_id);
  v_sessions := array(
    select sessions.id
    from longshore.worker_sessions as sessions
    where sessions.org_id = p_org_id
      and sessions.ended_at is null
      and case
        when p_to ? 'session_id' then sessions.id = (p_to ->> 'session_id')::uuid
        when p_to ? 'worker_id' then sessions.worker_id = (p_to ->> 'worker_id')::uuid
        when p_to ? 'capability' then (p_to ->> 'capability') = any (sessions.capabilities)
        when p_to ? 'kind' then (p_to ->> 'kind') = any (sessions.kinds)
        else p_to ? 'all'
      end
    order by sessions.id
  );
  if v_sessions = '{}' and p_to ?| array['session_id', 'worker_id'] then
    raise exception using errcode = 'LS006', message = 'no such session is open', detail = 'to';
  end if;
  if exists (
    select
    from unnest(v_sessions) as named (id)
    where p_waiting_max <= (
      select count(*) from longshore.worker_messages as waiting
      where waiting.org_id = p_org_id
        and waiting.session_id = named.id
        and waiting.direction = 'to_worker'
        and waiting.acknowledged_at is null
        and waiting.expires_at > v_now
    )
  ) then
    raise exception using
      errcode = 'LS009', detail = 'to',
      message = format('a session has %s messages waiting already', p_waiting_max),
      hint = 'Its process does not take them: wait for them to expire, or close it.';
  end if;

  if p_type = 'cancel' then
    perform from longshore.cancel_jobs(
      p_org_id,
      array(
        select jobs.id
        from longshore.jobs
        where jobs.org_id = p_org_id
          and jobs.id = any (array(select value::uuid from json_array_elements_text(p_body -> 'jobIds') as value))
          and jobs.session_id = any (v_sessions)
      ),
      p_created_by, null
    );
  end if;

  return query
  insert into longshore.worker_messages as sent (
    org_id, id, session_id, worker_id, direction, type, body, created_at, created_by, expires_at
  )
  select
    p_org_id, longshore.uuid_v7(v_now), sessions.id, sessions.worker_id, 'to_worker', p_type, p_body, v_now, p_created_by,
    v_now + make_interval(secs => p_expires_seconds)
  from longshore.worker_sessions as sessions
  where sessions.org_id = p_org_id and sessions.id = any (v_sessions)
  returning sent.id, sent.session_id, sent.worker_id;
end
$$;
