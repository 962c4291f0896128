-- Forgets what was counted so far, in all databases.
select pg_stat_statements_reset();
