-- The hash of one row of the audit log: SHA-256 over the hash before it and everything else the row holds, written as a
-- JSON array. Times count in microseconds, so that no setting of the session changes the text.
create or replace function longshore.audit_hash(p_row longshore.audit_log) returns bytea
language sql immutable
set search_path = ''
as $$
  select sha256(p_row.previous_hash || convert_to(
    jsonb_build_array(
      p_row.org_id, p_row.seq, (extract(epoch from p_row.at) * 1000000)::bigint, p_row.actor_key_id, p_row.actor_role, p_row.actor_name,
      p_row.action, p_row.target, p_row.before, p_row.after, p_row.request_id, p_row.address
    )::text,
    'UTF8'
  ))
$$;
