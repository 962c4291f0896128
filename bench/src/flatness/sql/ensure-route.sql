-- The route of a kind of job: $1 org, $2 queue, $3 kind, $4 required capabilities.
select longshore.ensure_route($1, $2, $3, 0::smallint, $4, null) as id
