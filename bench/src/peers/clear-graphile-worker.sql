-- Removes every job of graphile-worker; it keeps none that are finished.
truncate graphile_worker._private_jobs, graphile_worker._private_job_queues;
checkpoint;
