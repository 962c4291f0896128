-- Removes every job, waiting or finished.
truncate raw.jobs, raw.history;
checkpoint;
