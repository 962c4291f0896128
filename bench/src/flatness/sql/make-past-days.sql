-- Statements that make the missing partitions of history for the $1 days up to today, as ensure_partitions makes those to come.
with days as (
  select
    'finished_jobs_' || to_char(days.day, 'YYYYMMDD') as name,
    days.day at time zone 'UTC' as starts_at,
    (days.day + interval '1 day') at time zone 'UTC' as ends_at
  from generate_series(
    date_trunc('day', now() at time zone 'UTC') - make_interval(days => $1::int - 1),
    date_trunc('day', now() at time zone 'UTC'),
    interval '1 day'
  ) as days (day)
)
select format(steps.template, days.name, days.starts_at, days.ends_at) as statement
from days
cross join lateral (values
  (1, 'create table longshore.%I partition of longshore.finished_jobs for values from (%L) to (%L)'),
  (2, 'select longshore.wall_off_table(''longshore.%I''::regclass)')
) as steps (step, template)
where to_regclass('longshore.' || days.name) is null
order by days.name, steps.step
