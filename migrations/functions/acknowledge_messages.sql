-- A session has done what messages to it asked: p_items is an array of {id, reply, error}. The first word on a message
-- counts, however often it is said, and however late. Returns how many were news.
create or replace function longshore.acknowledge_messages(p_org_id int, p_session_id uuid, p_items json) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  perform longshore.enter_org(p_org_id);
  perform from longshore.worker_messages as messages
  where messages.org_id = p_org_id
    and messages.id = any (array(select items.id from json_to_recordset(p_items) as items (id uuid)))
  order by messages.id
  for no key update;

  update longshore.worker_messages as messages
  set acknowledged_at = longshore.now(), reply = items.reply, error = items.error
  from (
    select distinct on (given.id) given.id, given.reply, given.error
    from json_to_recordset(p_items) as given (id uuid, reply json, error json)
    order by given.id
  ) as items
  where messages.org_id = p_org_id
    and messages.id = items.id
    and messages.session_id = p_session_id
    and messages.direction = 'to_worker'
    and messages.acknowledged_at is null;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
