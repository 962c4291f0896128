-- The lease token of one job in one claim: 128 bits of SHA-256 over the claim's random secret and the job's id.
-- A function of its arguments alone, so that an UPDATE may call it on every node of a cluster.
create or replace function longshore.lease_token(p_secret text, p_job_id uuid) returns uuid
language sql immutable parallel safe
as $$ select substr(encode(sha256(convert_to(p_secret || p_job_id::text, 'UTF8')), 'hex'), 1, 32)::uuid $$;
