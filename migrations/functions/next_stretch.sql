-- History is read by stretches of time, and each look at it reads for two seconds or so. How long the next stretch is, after one
-- of p_stretch whose reading began at p_began: longer while there is little in them, shorter where there is much.
create or replace function longshore.next_stretch(p_stretch interval, p_began timestamptz) returns interval
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select case
    when clock_timestamp() - p_began < interval '50 milliseconds' then least(p_stretch * 2, interval '1 day')
    when clock_timestamp() - p_began > interval '500 milliseconds' then greatest(p_stretch / 2, interval '1 minute')
    else p_stretch
  end
$$;
