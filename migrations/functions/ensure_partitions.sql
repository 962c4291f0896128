-- Prepares the daily partitions of history and output from yesterday to p_days_ahead days ahead; returns how many it made.
-- A day for which the default partition already holds rows is left to it. Attaching takes a lock that completions do not
-- wait for; a reader that stands in the way puts the day off to the next run. Raises LS001 for days outside 0 to 31.
create or replace function longshore.ensure_partitions(p_days_ahead int default 3) returns int
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  v_parent text;
  v_day    date;
  v_name   text;
  v_made   int := 0;
begin
  if (p_days_ahead between 0 and 31) is not true then
    raise exception using errcode = 'LS001', message = 'must be from 0 to 31', detail = 'days_ahead';
  end if;

  foreach v_parent in array array['finished_jobs', 'job_output'] loop
    for v_day in
      select generate_series(current_day - 1, current_day + p_days_ahead, interval '1 day')::date
      from (select (longshore.now() at time zone 'UTC')::date as current_day) as clock
    loop
      v_name := v_parent || '_' || to_char(v_day, 'YYYYMMDD');
      continue when to_regclass('longshore.' || v_name) is not null;
      begin
        execute format('create table longshore.%I (like longshore.%I including all excluding identity)', v_name, v_parent);
        execute format(
          'alter table longshore.%I attach partition longshore.%I for values from (%L) to (%L)',
          v_parent, v_name, v_day::timestamp at time zone 'UTC', (v_day + 1)::timestamp at time zone 'UTC'
        );
        perform longshore.wall_off_table(format('longshore.%I', v_name)::regclass);
        v_made := v_made + 1;
      exception
        when check_violation or duplicate_table or lock_not_available then null;
      end;
    end loop;
  end loop;
  return v_made;
end
$$;
