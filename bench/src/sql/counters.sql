-- Bytes of WAL and writing transactions since the cluster was made.
select
  pg_current_wal_lsn() - '0/0'::pg_lsn as wal_bytes,
  pg_snapshot_xmax(pg_current_snapshot())::text as transactions;
