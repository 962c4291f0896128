-- The server has done what a worker's message asked. The first answer counts. Returns the answer that counts.
create or replace function longshore.answer_message(p_org_id int, p_id uuid, p_reply json, p_error json)
returns table (reply json, error json)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform longshore.enter_org(p_org_id);
  update longshore.worker_messages
  set acknowledged_at = longshore.now(), reply = p_reply, error = p_error
  where org_id = p_org_id and id = p_id and direction = 'to_server' and acknowledged_at is null;
  return query
  select messages.reply, messages.error
  from longshore.worker_messages as messages
  where messages.org_id = p_org_id and messages.id = p_id and messages.direction = 'to_server';
end
$$;
