-- Drops the partitions of history and output whose day is more than p_keep_days ago; returns how many. A partition that
-- somebody reads right now is left to the next run: waiting for it would hold up every completion.
-- Raises LS001 for days outside 1 to 36500: fewer would drop what jobs are finishing into.
create or replace function longshore.drop_old_partitions(p_keep_days int) returns int
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  v_oldest  date;
  v_name    text;
  v_dropped int := 0;
begin
  if (p_keep_days between 1 and 36500) is not true then
    raise exception using errcode = 'LS001', message = 'must be from 1 to 36500', detail = 'keep_days';
  end if;
  v_oldest := (longshore.now() at time zone 'UTC')::date - p_keep_days;

  for v_name in
    select child.relname
    from pg_catalog.pg_inherits
    join pg_catalog.pg_class as child on child.oid = inhrelid
    where inhparent in ('longshore.finished_jobs'::regclass, 'longshore.job_output'::regclass)
      and child.relname ~ '_\d{8}$'
      and to_date(right(child.relname, 8), 'YYYYMMDD') < v_oldest
    order by child.relname
  loop
    begin
      execute format('drop table longshore.%I', v_name);
      v_dropped := v_dropped + 1;
    exception
      when lock_not_available then null;
    end;
  end loop;
  return v_dropped;
end
$$;
