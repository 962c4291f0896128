-- A route and some waiting jobs for each org but ours: $1 our org, $2 queue, $3 jobs each, $4 payload.
select count(*)
from longshore.orgs
cross join lateral longshore.ensure_route(orgs.id, $2, 'noop', 0::smallint, '{}', null) as route_id
cross join lateral longshore.insert_jobs(
  orgs.id,
  to_json(array(
    select json_build_object('id', uuidv7(), 'route_id', route_id, 'payload', $4::json, 'max_attempts', 3)
    from generate_series(1, $3::int)
  )),
  'bench'
)
where orgs.id not in (0, $1::int)
