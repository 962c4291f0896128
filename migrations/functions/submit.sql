-- The SQL door: submits one job in the caller's own transaction and returns its id. A rollback leaves nothing.
--   select longshore.submit('acme', 'send-email', '{"to": "ada@example.com"}', '{"priority": -1}');
-- p_org is the org's slug. null takes the org that the setting longshore.org names, or else the one the login is bound to.
-- p_options takes the keys listed in check_submit; an unknown key raises LS002.
create or replace function longshore.submit(p_org text, p_kind text, p_payload jsonb, p_options jsonb default '{}')
returns uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stray text := (select keys.name from unnest(array['kind', 'payload']) as keys (name) where p_options ? keys.name limit 1);
begin
  if v_stray is not null then
    raise exception using errcode = 'LS002', message = 'is not an option', detail = 'jobs[0].' || v_stray,
      hint = 'Kind and payload are arguments of their own.';
  end if;
  return (
    select submitted.id
    from longshore.submit_many(
      p_org,
      jsonb_build_array(coalesce(p_options, '{}') || jsonb_build_object('kind', p_kind, 'payload', p_payload))
    ) as submitted (id)
  );
end
$$;
