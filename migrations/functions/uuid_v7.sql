-- A UUID version 7 (RFC 9562) for an instant: PostgreSQL has its own only from version 18 on.
create or replace function longshore.uuid_v7(p_at timestamptz) returns uuid
language sql volatile parallel safe
as $$
  select encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        placing substring(int8send(floor(extract(epoch from p_at) * 1000)::bigint) from 3)
        from 1 for 6),
      52, 1), 53, 1),
    'hex')::uuid
$$;

-- The instant inside a UUID version 7.
create or replace function longshore.instant_of_uuid_v7(p_id uuid) returns timestamptz
language sql immutable parallel safe
as $$ select to_timestamp(('x' || translate(left(p_id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) $$;
