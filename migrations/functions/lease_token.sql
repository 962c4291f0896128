-- The lease token of one job in one claim: 128 bits of SHA-256 over the claim's random secret and the job's id.
-- A function of its arguments alone, so that an UPDATE may call it on every node of a cluster; and made of immutable parts
-- only, so that PostgreSQL inlines it (called as a function it cost more than the rest of the claim).
create or replace function longshore.lease_token(p_secret bytea, p_job_id uuid) returns uuid
language sql immutable parallel safe
as $$ select encode(substr(sha256(p_secret || uuid_send(p_job_id)), 1, 16), 'hex')::uuid $$;
