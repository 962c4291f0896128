-- Until the next scheduled job of any org is due; null when none is scheduled.
create or replace function longshore.seconds_to_next_due() returns double precision
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select extract(epoch from min(jobs.run_at) - longshore.now())::double precision
  from longshore.jobs
  where jobs.order_key = 0 and jobs.state = 'scheduled'
$$;
