-- What stands between tenants beside the code: the audit log, the shared rate limits, and the roles that act at run time.

-- One row for each act by a person or a key. Only longshore.append_audit writes here; every org's rows are a chain.
create table longshore.audit_log (
  org_id        int not null references longshore.orgs,
  seq           bigint not null,
  at            timestamptz not null,
  actor_key_id  uuid,
  actor_role    text not null,
  actor_name    text not null,
  action        text not null,
  target        text not null,
  before        jsonb,
  after         jsonb,
  request_id    text,
  address       text,
  previous_hash bytea not null,
  hash          bytea not null,
  constraint audit_log_pk primary key (org_id, seq)
);

comment on table longshore.audit_log is 'Who did what. hash is SHA-256 over the row and the hash of the row before it.';

create index audit_log_action_idx on longshore.audit_log (org_id, action, seq);
create index audit_log_target_idx on longshore.audit_log (org_id, target, seq);

-- The end of each org's chain, so that cutting rows off its end shows.
create table longshore.audit_heads (
  org_id int not null references longshore.orgs,
  seq    bigint not null,
  hash   bytea not null,
  constraint audit_heads_pk primary key (org_id)
);

-- How much of its limit each key has spent, for all API processes. Worth nothing after a crash, so it is not logged.
create unlogged table longshore.rate_buckets (
  org_id   int not null,
  key_id   uuid not null,
  class    text not null,
  empty_at timestamptz not null,
  constraint rate_buckets_pk primary key (org_id, key_id, class)
) with (fillfactor = 50);

comment on column longshore.rate_buckets.empty_at is
  'When all that was drawn will have flowed off again (the theoretical arrival time of GCRA).';
