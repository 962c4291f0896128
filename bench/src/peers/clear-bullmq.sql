-- Removes every job of BullMQ and what belongs to jobs; its settings of the queue stay.
truncate bullmq.job, bullmq.job_dependency, bullmq.job_log, bullmq.event, bullmq.dedup, bullmq.dedup_next, bullmq.metrics;
checkpoint;
