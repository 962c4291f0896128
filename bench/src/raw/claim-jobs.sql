-- Takes the first $1 waiting jobs that nobody else is taking, under one lease.
update raw.jobs
set
  state = 1,
  started_at = now(),
  lease_token = $2
where id = any (array(
  select waiting.id
  from raw.jobs as waiting
  where waiting.state = 0
  order by waiting.id
  limit $1
  for update skip locked
))
returning id, kind, payload;
