-- Moves the jobs $1 to history with the result $3, as far as the lease $2 still holds them.
with gone as (
  delete from raw.jobs
  where id = any ($1)
    and lease_token = $2
  returning *
)
insert into raw.history (id, kind, created_at, started_at, finished_at, payload, result)
select id, kind, created_at, started_at, now(), payload, $3
from gone;
