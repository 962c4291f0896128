-- The jobs: routes, live jobs, history, and what is kept beside them.

create type longshore.job_state as enum (
  'blocked', 'scheduled', 'available', 'running', 'completed', 'cancelled', 'failed'
);

-- One row per distinct way to serve a job. Never changed, so every process may remember it.
create table longshore.routes (
  org_id                int not null references longshore.orgs,
  id                    int generated always as identity,
  queue                 text not null,
  kind                  text not null,
  priority              smallint not null,
  required_capabilities text[] not null,
  category              text,
  constraint routes_pk primary key (org_id, id),
  constraint routes_are_distinct unique nulls not distinct (org_id, queue, kind, priority, required_capabilities, category)
);

comment on column longshore.routes.priority is 'Smaller first.';
comment on column longshore.routes.category is 'What workers may limit their running jobs by; null for none.';

create table longshore.queues (
  org_id    int not null references longshore.orgs,
  name      text not null,
  paused_at timestamptz,
  constraint queues_pk primary key (org_id, name)
);

create table longshore.batches (
  org_id         int not null references longshore.orgs,
  id             text not null,
  has_dependants boolean not null default false,
  created_at     timestamptz not null,
  constraint batches_pk primary key (org_id, id)
);

-- One job of a submit, as submit_jobs takes it. route_id stands for queue, kind, priority and required capabilities.
-- is_repeat: this id may have been submitted before, and its job may even have finished since.
create type longshore.submit_item as (
  id                      uuid,
  route_id                int,
  payload                 json,
  max_attempts            smallint,
  is_repeat               boolean,
  run_at                  timestamptz,
  delay_seconds           double precision,
  timeout_seconds         double precision,
  backoff                 jsonb,
  external_id             text,
  idempotency_key         text,
  idempotency_key_seconds double precision,
  batch_id                text,
  metadata                json,
  tags                    text[],
  depends_on              uuid[],
  after_batch             text,
  on_dependency_failure   text
);

-- How one running attempt ended; see end_attempts.
create type longshore.attempt_failure as (
  id                  uuid,
  error               jsonb,
  is_retryable        boolean,
  retry_after_seconds double precision,
  outcome             text,
  lease_token         uuid
);

-- Each time a job becomes available it takes its place in its route's line from here.
create sequence longshore.job_order;

create table longshore.jobs (
  id                    uuid not null,
  org_id                int not null,
  route_id              int not null,
  order_key             bigint not null,
  run_at                timestamptz not null,
  created_at            timestamptz not null,
  started_at            timestamptz,
  state                 longshore.job_state not null,
  epoch                 int not null default 0,
  attempt               smallint not null default 0,
  max_attempts          smallint not null,
  rescues               smallint not null default 0,
  has_dependants        boolean not null default false,
  session_id            uuid,
  lease_token           uuid,
  timeout_seconds       double precision,
  cancel_requested_at   timestamptz,
  payload               json not null,
  backoff               jsonb,
  external_id           text,
  idempotency_key       text,
  batch_id              text,
  metadata              json,
  tags                  text[],
  on_dependency_failure text,
  created_by            text,
  cancelled_by          text,
  cancel_reason         text,
  progress              json,
  progress_at           timestamptz,
  output_lines          int,
  last_report           bigint,
  attempts              jsonb,
  -- id first: see docs/decisions/0007-job-ids-lead-their-key.md.
  constraint jobs_pk primary key (id, org_id),
  constraint jobs_state_is_live check (state <= 'running'),
  constraint jobs_running_is_leased check (
    (state = 'running') = (lease_token is not null and session_id is not null and started_at is not null)
  )
) with (
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_insert_scale_factor = 0.2,
  autovacuum_vacuum_cost_delay = 0
);

comment on table longshore.jobs is 'The live jobs. Finishing a job moves it to finished_jobs.';
comment on column longshore.jobs.epoch is 'Claims so far; the fencing token of the present one. Never goes back.';
comment on column longshore.jobs.attempt is 'Attempts begun that count: rescue, release and snooze give theirs back.';
comment on column longshore.jobs.progress_at is 'When the running attempt last reported; it moves into attempts with the attempt''s end.';
comment on column longshore.jobs.output_lines is 'Lines of output so far, over all attempts; null for none. The number of the last one in job_output.';
comment on column longshore.jobs.last_report is
  'The last numbered report that was taken: its epoch times 2^32, plus its number. One that is not greater is a repeat.';
comment on column longshore.jobs.order_key is
  'Place in the line of its route, kept while it runs; 0 while it waits for its time, -1 while it is blocked.';

-- No index looks at what a claim changes (state, attempt, epoch, started_at, session_id, lease_token, progress), and pages are
-- half empty: so a claim is a HOT update that touches no index. See docs/decisions/0009-claims-touch-no-index.md.
create index jobs_claim_idx on longshore.jobs (org_id, route_id, order_key) where order_key > 0;
create index jobs_due_idx on longshore.jobs (run_at, org_id) where order_key = 0;
create index jobs_cancel_idx on longshore.jobs (cancel_requested_at, org_id) where cancel_requested_at is not null;
create index jobs_external_idx on longshore.jobs (org_id, external_id) where external_id is not null;
create index jobs_batch_idx on longshore.jobs (org_id, batch_id) where batch_id is not null;

create table longshore.finished_jobs (
  id                  uuid not null,
  org_id              int not null,
  route_id            int not null,
  run_at              timestamptz not null,
  created_at          timestamptz not null,
  started_at          timestamptz,
  finished_at         timestamptz not null,
  state               longshore.job_state not null,
  epoch               int not null,
  attempt             smallint not null,
  max_attempts        smallint not null,
  rescues             smallint not null,
  session_id          uuid,
  lease_token         uuid,
  timeout_seconds     double precision,
  payload             json not null,
  result              json,
  error               jsonb,
  backoff             jsonb,
  external_id         text,
  idempotency_key     text,
  batch_id            text,
  metadata            json,
  tags                text[],
  created_by          text,
  cancelled_by        text,
  cancel_reason       text,
  attempts            jsonb,
  progress_at         timestamptz,
  cancel_requested_at timestamptz,
  output_lines        int,
  constraint finished_jobs_pk primary key (org_id, id, finished_at),
  constraint finished_jobs_state_is_final check (state > 'running'),
  constraint finished_jobs_failed_has_error check (state <> 'failed' or error is not null)
) partition by range (finished_at);

comment on table longshore.finished_jobs is
  'History, one partition a day of finish. lease_token is the one that finished the job, so a repeated finish finds its outcome.';

create index finished_jobs_dead_idx on longshore.finished_jobs (org_id, state, finished_at) where state <> 'completed';
create index finished_jobs_time_idx on longshore.finished_jobs using brin (finished_at);
create index finished_jobs_external_idx on longshore.finished_jobs (org_id, external_id) where external_id is not null;
create index finished_jobs_batch_idx on longshore.finished_jobs (org_id, batch_id) where batch_id is not null;

-- Only for a clock that jumped past the prepared days: finishing a job must never fail for want of a partition.
create table longshore.finished_jobs_default partition of longshore.finished_jobs default;

create table longshore.job_dependencies (
  org_id    int not null,
  job_id    uuid not null,
  parent_id uuid,
  batch_id  text,
  outcome   longshore.job_state,
  constraint job_dependencies_have_one_parent check ((parent_id is null) <> (batch_id is null))
);

comment on column longshore.job_dependencies.outcome is 'How the parent finished; null while it is live.';

create index job_dependencies_job_idx on longshore.job_dependencies (org_id, job_id);
create index job_dependencies_parent_idx on longshore.job_dependencies (org_id, parent_id) where parent_id is not null;
create index job_dependencies_batch_idx on longshore.job_dependencies (org_id, batch_id) where batch_id is not null;
create index job_dependencies_outcome_idx on longshore.job_dependencies (org_id) where outcome is not null;

create table longshore.idempotency_keys (
  org_id       int not null references longshore.orgs,
  key          text not null,
  job_id       uuid not null,
  input_hash   bytea not null,
  hold_seconds double precision not null,
  created_at   timestamptz not null,
  constraint idempotency_keys_pk primary key (org_id, key)
);

create index idempotency_keys_created_idx on longshore.idempotency_keys (created_at);

create table longshore.job_output (
  org_id  int not null,
  job_id  uuid not null,
  id      int not null,
  at      timestamptz not null,
  attempt smallint not null,
  stream  text not null,
  line    text not null,
  constraint job_output_pk primary key (org_id, job_id, id, at)
) partition by range (at);

comment on column longshore.job_output.id is
  'The place of the line in its job''s output: 1, 2, 3 and so on without a gap. A line that is missing has been pruned.';

create table longshore.job_output_default partition of longshore.job_output default;
