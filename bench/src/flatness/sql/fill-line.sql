-- Puts jobs into the line of a route by the function that stores a submit, a thousand at a time:
-- $1 org, $2 route, $3 jobs, $4 payload.
select count(*)
from generate_series(1, $3::int, 1000) as batches (first)
cross join lateral longshore.insert_jobs(
  $1::int,
  to_json(array(
    select json_build_object('id', uuidv7(), 'route_id', $2::int, 'payload', $4::json, 'max_attempts', 3)
    from generate_series(batches.first, least(batches.first + 999, $3::int))
  )),
  'bench'
)
