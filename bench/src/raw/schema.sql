-- The limit: one table of live jobs and an append-only history, with nothing that a job does not need.
create schema raw;

create table raw.jobs (
  id          bigint generated always as identity primary key,
  kind        text not null,
  state       smallint not null default 0,
  created_at  timestamptz not null default now(),
  started_at  timestamptz,
  lease_token uuid,
  payload     json not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

create index jobs_waiting_idx on raw.jobs (id) where state = 0;

create table raw.history (
  id          bigint primary key,
  kind        text not null,
  created_at  timestamptz not null,
  started_at  timestamptz not null,
  finished_at timestamptz not null,
  payload     json not null,
  result      json
);
