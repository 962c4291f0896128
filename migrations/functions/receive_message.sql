-- Keeps what a session tells the server, once by its id. Answers the message as it stands: acknowledged, with its answer,
-- when this is a repetition. Raises LS007 when the id is another message's, LS009 when p_waiting_max of the session wait unread.
create or replace function longshore.receive_message(
  p_org_id int, p_id uuid, p_session_id uuid, p_type text, p_body json, p_expires_seconds double precision, p_waiting_max int
) returns table (is_acknowledged boolean, reply json, error json)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now   timestamptz := longshore.now();
  v_known longshore.worker_messages;
begin
  perform longshore.enter_org(p_org_id);
  select * into v_known from longshore.worker_messages where org_id = p_org_id and id = p_id;
  if found then
    if v_known.session_id <> p_session_id or v_known.direction <> 'to_server' then
      raise exception using errcode = 'LS007', message = 'is the id of another message', detail = 'messageId';
    end if;
    return query select v_known.acknowledged_at is not null, v_known.reply, v_known.error;
    return;
  end if;

  if p_waiting_max <= (
    select count(*) from longshore.worker_messages as waiting
    where waiting.org_id = p_org_id
      and waiting.session_id = p_session_id
      and waiting.direction = 'to_server'
      and waiting.acknowledged_at is null
      and waiting.expires_at > v_now
  ) then
    raise exception using
      errcode = 'LS009', detail = 'sessionId',
      message = format('%s messages of this session wait unread', p_waiting_max),
      hint = 'No handler takes them: see onWorkerMessage.';
  end if;
  insert into longshore.worker_messages (
    org_id, id, session_id, worker_id, direction, type, body, created_at, expires_at
  )
  select p_org_id, p_id, sessions.id, sessions.worker_id, 'to_server', p_type, p_body, v_now,
    v_now + make_interval(secs => p_expires_seconds)
  from longshore.worker_sessions as sessions
  where sessions.org_id = p_org_id and sessions.id = p_session_id
  on conflict (org_id, id) do nothing;
  return query select false, null::json, null::json;
end
$$;
