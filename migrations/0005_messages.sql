-- Messages between whoever steers workers and their processes, by way of the API. See docs/control.md.

-- A message is for one session. It waits in its box until the session acknowledges it, or expires.
create table longshore.worker_messages (
  org_id          int not null references longshore.orgs,
  id              uuid not null,
  session_id      uuid not null,
  worker_id       uuid not null,
  direction       text not null,
  type            text not null,
  body            json not null,
  created_at      timestamptz not null,
  created_by      text,
  expires_at      timestamptz not null,
  acknowledged_at timestamptz,
  reply           json,
  error           json,
  constraint worker_messages_pk primary key (org_id, id),
  constraint worker_messages_direction_is_known check (direction in ('to_worker', 'to_server')),
  constraint worker_messages_answer_is_acknowledged check (acknowledged_at is not null or (reply is null and error is null))
);

comment on table longshore.worker_messages is 'Orders to worker processes, and what those tell the server.';
comment on column longshore.worker_messages.error is 'Why whoever got it could not do it: {code, message}.';

create index worker_messages_waiting_idx on longshore.worker_messages (org_id, session_id, direction, created_at)
  where acknowledged_at is null;
create index worker_messages_expiry_idx on longshore.worker_messages (expires_at);
