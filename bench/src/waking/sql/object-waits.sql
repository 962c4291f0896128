-- How long whoever waits longest has waited by now for the lock of the whole cluster that a commit with a notification takes.
select coalesce(max(extract(epoch from clock_timestamp() - waitstart) * 1000), 0)::float as longest_ms
from pg_locks
where locktype = 'object' and not granted
