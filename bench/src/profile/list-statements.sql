-- The statements of the other databases since the last reset, most time first, with what they wrote.
select
  toplevel as "isSent",
  sum(calls)::float8 as calls,
  sum(total_exec_time)::float8 as ms,
  sum(rows)::float8 as rows,
  sum(wal_bytes)::float8 as "walBytes",
  query as text
from pg_stat_statements
where dbid <> (select oid from pg_database where datname = current_database())
group by toplevel, query
order by ms desc;
