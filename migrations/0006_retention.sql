-- How much of a queue's history is kept, where that is less than what the deployment keeps. Decision 14.

create table longshore.queue_retention (
  org_id       int not null references longshore.orgs,
  queue        text not null,
  outcome      text not null,
  keep_count   int,
  keep_seconds double precision,
  swept_to     timestamptz,
  due_at       timestamptz not null,
  constraint queue_retention_pk primary key (org_id, queue, outcome),
  constraint queue_retention_outcome_is_known check (outcome in ('completed', 'failed')),
  constraint queue_retention_has_a_bound check (keep_count is not null or keep_seconds is not null)
);

comment on table longshore.queue_retention is
  'Finished jobs beyond the newest keep_count, or older than keep_seconds, are removed. Cancelled jobs count as failed.';
comment on column longshore.queue_retention.swept_to is
  'Nothing is left to remove of what finished before; null before the first sweep.';
comment on column longshore.queue_retention.due_at is 'When it is worth while to look again.';

create index queue_retention_due_idx on longshore.queue_retention (due_at);
