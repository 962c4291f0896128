-- The one clock of the system. Tests put another body here to steer time.
create or replace function longshore.now() returns timestamptz
language sql volatile parallel safe
as $$ select clock_timestamp() $$;
