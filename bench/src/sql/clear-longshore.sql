-- Removes every job and what belongs to jobs; orgs, keys, workers, routes and open sessions stay as they are.
begin;
truncate
  longshore.jobs, longshore.finished_jobs, longshore.session_claims, longshore.job_dependencies,
  longshore.idempotency_keys, longshore.job_output, longshore.batches;
-- Before the checkpoint: the API's background work gives up on a table that is locked for a second.
commit;
checkpoint;
