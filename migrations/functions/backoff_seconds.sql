-- How long a job waits after its failed attempt number p_attempt, in seconds.
-- exponential: min(cap, base * 2^(attempt - 1)); fixed: base. Full jitter takes a uniform random part of that
-- ("Exponential Backoff And Jitter", AWS Architecture Blog 2015). The randomness is p_seed, the attempt's lease token.
create or replace function longshore.backoff_seconds(p_backoff jsonb, p_attempt int, p_seed uuid) returns double precision
language plpgsql immutable parallel safe
as $$
declare
  v_type   text := coalesce(p_backoff ->> 'type', 'exponential');
  v_base   double precision := coalesce((p_backoff ->> 'base_seconds')::double precision, 1);
  v_cap    double precision := coalesce((p_backoff ->> 'cap_seconds')::double precision, 3600);
  v_part   double precision := 1;
begin
  if coalesce(p_backoff ->> 'jitter', 'full') = 'full' then
    v_part := ('x' || left(md5(p_seed::text || p_attempt), 8))::bit(32)::bigint / 4294967296.0;
  end if;
  if v_type = 'fixed' then
    return v_base * v_part;
  end if;
  -- The exponent is bounded because 2^1024 overflows: a backoff that raises would keep the job for ever.
  return least(v_cap, v_base * power(2::double precision, least(greatest(p_attempt, 1) - 1, 60))) * v_part;
end
$$;
