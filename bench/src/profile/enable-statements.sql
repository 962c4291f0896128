-- Makes the counts readable here. Raises where the library was not loaded at the start.
do $$
begin
  create extension if not exists pg_stat_statements;
  perform from pg_stat_statements limit 1;
end
$$;
