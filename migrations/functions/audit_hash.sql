-- The hash of one row of the audit log: SHA-256 over the hash before it and everything else the row holds, written as a
-- JSON array. Times are seconds since 1970 with six places, so that no setting of the session changes the text; before and
-- after are text, so that no value and the JSON value null differ. It has no path of its own so that
-- verify_audit can inline it.
create or replace function longshore.audit_hash(p_row longshore.audit_log) returns bytea
language sql stable parallel safe
as $$
  select sha256(p_row.previous_hash || convert_to(
    json_build_array(
      p_row.org_id, p_row.seq, extract(epoch from p_row.at), p_row.actor_key_id, p_row.actor_role, p_row.actor_name,
      p_row.action, p_row.target, p_row.before::text, p_row.after::text, p_row.request_id, p_row.address
    )::text,
    'UTF8'
  ))
$$;
