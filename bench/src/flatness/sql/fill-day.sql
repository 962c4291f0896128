-- Finished jobs, spread evenly over one day up to now: $1 org, $2 route, $3 jobs, $4 days ago, $5 payload.
-- Their ids lie in time as those of submitted jobs do.
insert into longshore.finished_jobs (
  org_id, id, route_id, run_at, created_at, started_at, finished_at, state, epoch, attempt, max_attempts, rescues,
  session_id, lease_token, payload, result, created_by
)
select
  $1::int, uuidv7(moments.at - clock_timestamp()), $2::int, moments.at, moments.at, moments.at, moments.at, 'completed', 1, 1, 3, 0,
  days.session_id, gen_random_uuid(), $5::json, '{"ok":true}', 'bench'
from (
  select
    starts.at,
    least(starts.at + interval '1 day', clock_timestamp()) - starts.at as length,
    gen_random_uuid() as session_id
  from (
    select ((clock_timestamp() at time zone 'UTC')::date - $4::int)::timestamp at time zone 'UTC'
  ) as starts (at)
) as days
cross join generate_series(0, $3::int - 1) as places (place)
cross join lateral (select days.at + days.length * (places.place / $3::float)) as moments (at)
