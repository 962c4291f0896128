-- One heartbeat for each of several worker processes of an org: keeps the leases of all their jobs and tells them what they
-- no longer hold and what messages wait for them. p_sessions is an array of {session_id, held: [{id, lease_token}],
-- is_draining, concurrency}, the last two left out where nothing has changed. Answers one row for each session that is open;
-- lost is [{id, leaseToken, state, outcome}], cancel is [{id, leaseToken, reason}], messages is [{id, type, body}], those
-- that every worker understands before the application's own, oldest first, until they are acknowledged. What the database says a session holds and the session does not, because the answer to
-- its claim was lost, goes back unspent after ten seconds; has_returned says so.
create or replace function longshore.heartbeat_sessions(p_org_id int, p_sessions json)
returns table (session_id uuid, lost json, cancel json, messages json, has_returned boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_now     timestamptz := longshore.now();
  v_open    uuid[];
  v_session record;
  v_ids     uuid[];
  v_tokens  uuid[];
begin
  perform longshore.enter_org(p_org_id);
  -- All sessions before any of their jobs, in id order: the only locks that a heartbeat waits for.
  v_open := array(
    select sessions.id
    from longshore.worker_sessions as sessions
    where sessions.org_id = p_org_id
      and sessions.id = any (array(select beats.session_id from json_to_recordset(p_sessions) as beats (session_id uuid)))
      and sessions.ended_at is null
    order by sessions.id
    for no key update
  );
  update longshore.worker_sessions as sessions
  set
    heartbeat_at = v_now,
    is_draining = coalesce(beats.is_draining, sessions.is_draining),
    concurrency = coalesce(beats.concurrency, sessions.concurrency)
  from (
    select distinct on (given.session_id) given.session_id, given.is_draining, given.concurrency
    from json_to_recordset(p_sessions) as given (session_id uuid, is_draining boolean, concurrency int)
  ) as beats
  where sessions.org_id = p_org_id and sessions.id = any (v_open) and sessions.id = beats.session_id;

  for v_session in
    select beats.session_id, beats.held
    from json_to_recordset(p_sessions) as beats (session_id uuid, held json)
    where beats.session_id = any (v_open)
  loop
    select coalesce(array_agg(held.id), '{}'), coalesce(array_agg(held.lease_token), '{}')
    into v_ids, v_tokens
    from json_to_recordset(v_session.held) as held (id uuid, lease_token uuid);

    session_id := v_session.session_id;
    select leases.lost, leases.cancel into lost, cancel from longshore.check_leases(p_org_id, v_ids, v_tokens) as leases;
    messages := (
      select coalesce(json_agg(json_build_object('id', waiting.id, 'type', waiting.type, 'body', waiting.body)), '[]')
      from (
        select unread.id, unread.type, unread.body
        from longshore.worker_messages as unread
        where unread.org_id = p_org_id
          and unread.session_id = v_session.session_id
          and unread.direction = 'to_worker'
          and unread.acknowledged_at is null
          and unread.expires_at > v_now
        -- Slow handlers of the application's own may leave a whole page unacknowledged: a drain is told all the same.
        order by
          (unread.type in ('drain', 'resume', 'setConcurrency', 'cancel', 'logLevel')) desc, unread.created_at, unread.id
        limit 32
      ) as waiting
    );
    has_returned := longshore.return_strays(p_org_id, session_id, v_ids, v_now - interval '10 seconds') > 0;
    return next;
  end loop;
end
$$;
