-- The version of the server and the settings that decide what a commit costs.
select
  name,
  current_setting(name) as value
from pg_settings
where name in (
  'server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size',
  'wal_level', 'autovacuum', 'max_connections'
)
order by name;
