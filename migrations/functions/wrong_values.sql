-- What is wrong with one value of a submit, as the end of a sentence that begins with its name; null when nothing is.

create or replace function longshore.wrong_text(p_value jsonb, p_chars_max int) returns text
language sql immutable
as $$
  select case
    when jsonb_typeof(p_value) <> 'string' then 'must be a string'
    when length(p_value #>> '{}') not between 1 and p_chars_max then format('must have 1 to %s characters', p_chars_max)
  end
$$;

create or replace function longshore.wrong_match(p_value jsonb, p_pattern text, p_wanted text) returns text
language sql immutable
as $$
  select case when jsonb_typeof(p_value) <> 'string' or p_value #>> '{}' !~ p_pattern then 'must be ' || p_wanted end
$$;

create or replace function longshore.wrong_instant(p_value jsonb) returns text
language plpgsql stable
as $$
begin
  if longshore.wrong_match(p_value, '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$', '') is null then
    perform (p_value #>> '{}')::timestamptz;
    return null;
  end if;
  return 'must be an ISO 8601 instant with offset';
exception
  when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
    return 'must be an instant that the calendar has';
end
$$;

create or replace function longshore.wrong_number(p_value jsonb, p_min numeric, p_max numeric, p_is_whole boolean) returns text
language plpgsql immutable
as $$
begin
  if jsonb_typeof(p_value) <> 'number' then
    return 'must be a number';
  elsif (p_value #>> '{}')::numeric not between p_min and p_max then
    return format('must be from %s to %s', p_min, p_max);
  elsif (p_value #>> '{}')::numeric <> 0 and abs((p_value #>> '{}')::numeric) < 1e-300 then
    -- Smaller ones do not fit into the double precision that they become.
    return 'must be 0 or at least 1e-300';
  elsif p_is_whole and p_value #>> '{}' !~ '^-?\d+$' then
    return 'must be a whole number';
  end if;
  return null;
end
$$;

create or replace function longshore.wrong_texts(p_value jsonb, p_count_max int) returns text
language plpgsql immutable
as $$
begin
  if jsonb_typeof(p_value) <> 'array' or jsonb_array_length(p_value) > p_count_max then
    return format('must be an array of at most %s strings', p_count_max);
  end if;
  return (
    select 'holds a value that ' || min(longshore.wrong_text(items.value, 128))
    from jsonb_array_elements(p_value) as items (value)
  );
end
$$;

create or replace function longshore.wrong_ids(p_value jsonb) returns text
language plpgsql immutable
as $$
begin
  if jsonb_typeof(p_value) <> 'array' or jsonb_array_length(p_value) not between 1 and 1000 then
    return 'must be an array of 1 to 1000 job ids';
  end if;
  return (
    select 'holds a value that ' || min(longshore.wrong_match(items.value, '(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', 'a job id'))
    from jsonb_array_elements(p_value) as items (value)
  );
end
$$;

create or replace function longshore.wrong_backoff(p_value jsonb) returns text
language plpgsql immutable
as $$
begin
  if jsonb_typeof(p_value) <> 'object' then
    return 'must be an object';
  elsif p_value - array['type', 'base_seconds', 'cap_seconds', 'jitter'] <> '{}' then
    return 'takes type, base_seconds, cap_seconds and jitter only';
  elsif coalesce(p_value ->> 'type', '') not in ('fixed', 'exponential') then
    return 'must have the type fixed or exponential';
  elsif coalesce(p_value -> 'jitter', '"full"') not in ('"full"', '"none"') then
    return 'must have the jitter full or none';
  end if;
  return coalesce(
    'base_seconds ' || longshore.wrong_number(coalesce(p_value -> 'base_seconds', 'null'), 0, 315576000, false),
    'cap_seconds ' || longshore.wrong_number(coalesce(p_value -> 'cap_seconds', '0'), 0, 315576000, false)
  );
end
$$;

-- Depth, keys and numbers that JavaScript could not read back unchanged. NUL and lone surrogates cannot be in a jsonb.
create or replace function longshore.wrong_json(p_value jsonb, p_bytes_max int) returns text
language sql immutable
as $$
  select case
    when octet_length(p_value::text) > p_bytes_max then format('is larger than %s bytes of JSON', p_bytes_max)
    when jsonb_path_exists(p_value, 'strict $.**{65 to last}') then 'is nested deeper than 64'
    when jsonb_path_exists(p_value, 'strict $.** ? (@.type() == "object")."__proto__"', silent => true) then 'has a key __proto__'
    when jsonb_path_exists(
      p_value,
      'strict $.** ? (@.type() == "number") ? ((@ > 9007199254740991 && @ < 1e21) || (@ < -9007199254740991 && @ > -1e21)) ? (@ % 1 == 0)',
      silent => true
    ) then 'holds an integer beyond 2^53'
    when jsonb_path_exists(p_value, 'strict $.** ? (@.type() == "number") ? (@ > 1.797e308 || @ < -1.797e308)', silent => true)
      then 'holds a number that is not finite in JavaScript'
  end
$$;

-- History is searched from the instant in an id on, so an id must not claim to be from later than now.
create or replace function longshore.wrong_new_id(p_value jsonb) returns text
language plpgsql stable
as $$
begin
  if longshore.wrong_match(p_value, '(?i)^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', '') is not null then
    return 'must be a UUID of version 7';
  elsif longshore.instant_of_uuid_v7((p_value #>> '{}')::uuid) > longshore.now() + interval '1 hour' then
    return 'must not hold an instant more than an hour ahead';
  end if;
  return null;
end
$$;
