-- Ids that were sent a second time. See docs/decisions/0005-ids-are-made-by-the-caller.md.

-- A submit that promises new ids is stored without a look into history. Its request can be held up, be sent again meanwhile by a
-- caller who gave it up, and arrive when the job has come and gone: then it finds its ids here.
create table longshore.resent_jobs (
  org_id  int not null references longshore.orgs,
  job_id  uuid not null,
  sent_at timestamptz not null,
  constraint resent_jobs_pk primary key (org_id, job_id)
);

comment on table longshore.resent_jobs is 'Ids that a submit named which may have named them before. Kept for an hour.';

create index resent_jobs_sent_idx on longshore.resent_jobs (sent_at);
