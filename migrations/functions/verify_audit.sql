-- Every place where an org's audit log is not the chain that was written, by seq; nothing when it is whole. reason is
--   changed   the row does not have its hash
--   missing   rows before this one are gone
--   moved     the row stands behind another one than when it was written
--   unlinked  the row does not continue the one before it
--   cut       rows are gone from the end
--   head      the end of the log is not the one that the head of the chain names
-- Whoever rewrites every hash and the head is found out only by a head that was kept elsewhere.
create or replace function longshore.verify_audit(p_org_id int) returns table (seq bigint, reason text, detail text)
language sql stable
set search_path = pg_catalog, pg_temp
set jit = off
-- What is broken is guessed to be little, and may be all.
set enable_nestloop = off
as $$
  with chain as (
    select
      log.seq,
      log.previous_hash,
      lag(log.seq, 1, 0::bigint) over links as seq_before,
      lag(log.hash, 1, longshore.audit_genesis(p_org_id)) over links as hash_before
    from longshore.audit_log as log
    where log.org_id = p_org_id
    window links as (order by log.seq)
  ), broken as (
    select * from chain where previous_hash <> hash_before or seq <> seq_before + 1
  ), last_row as (
    select log.seq, log.hash from longshore.audit_log as log where log.org_id = p_org_id order by log.seq desc limit 1
  ), ends as (
    select heads.seq as head_seq, heads.hash as head_hash, last_row.seq as last_seq, last_row.hash as last_hash
    from (select * from longshore.audit_heads where audit_heads.org_id = p_org_id) as heads
    full join last_row on true
  )
  -- Nearly all of the cost. By itself, and with a nullif of which PostgreSQL expects few rows, it is shared among processes.
  select log.seq, 'changed', 'the row does not have its hash'
  from longshore.audit_log as log
  where log.org_id = p_org_id and nullif(log.hash = longshore.audit_hash(log), false) is null
  union all
  select
    broken.seq,
    'missing',
    case
      when broken.seq - broken.seq_before = 2 then format('row %s is gone', broken.seq - 1)
      else format('rows %s to %s are gone', broken.seq_before + 1, broken.seq - 1)
    end
  from broken
  where broken.seq <> broken.seq_before + 1
  union all
  select
    broken.seq,
    case when origin.seq is null then 'unlinked' else 'moved' end,
    case when origin.seq is null then 'it does not continue the row before it' else format('it was written after row %s', origin.seq) end
  from broken
  left join longshore.audit_log as origin on origin.org_id = p_org_id and origin.hash = broken.previous_hash
  where broken.previous_hash <> broken.hash_before
  union all
  select
    greatest(ends.head_seq, ends.last_seq),
    case when ends.head_seq > coalesce(ends.last_seq, 0) then 'cut' else 'head' end,
    format('the head of the chain is row %s, the log ends with row %s', coalesce(ends.head_seq, 0), coalesce(ends.last_seq, 0))
  from ends
  where ends.head_seq is distinct from ends.last_seq or ends.head_hash is distinct from ends.last_hash
  order by 1, 2
$$;
