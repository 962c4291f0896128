-- What the first row of an org's audit log continues.
create or replace function longshore.audit_genesis(p_org_id int) returns bytea
language sql immutable parallel safe
as $$
  select sha256(convert_to('longshore audit of org ' || p_org_id, 'UTF8'))
$$;
