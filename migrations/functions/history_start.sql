-- The beginning of the oldest day of history.
create or replace function longshore.history_start() returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(min(to_date(right(child.relname, 8), 'YYYYMMDD'))::timestamp at time zone 'UTC', longshore.now())
  from pg_catalog.pg_inherits
  join pg_catalog.pg_class as child on child.oid = inhrelid
  where inhparent = 'longshore.finished_jobs'::regclass and child.relname ~ '_\d{8}$'
$$;
