-- Puts a table behind row-level security, forced on its owner too: API and SQL door see the rows of the org they entered,
-- readers those of the orgs their login is bound to, the functions of longshore_system and the owner all of them.
-- Who acts in org 0, the system itself, sees all orgs by name. A table that has its walls is left alone.
create or replace function longshore.wall_off_table(p_table regclass) returns void
language plpgsql
as $$
declare
  v_is_orgs boolean := p_table = 'longshore.orgs'::regclass;
  v_org     text := case when v_is_orgs then 'id' else 'org_id' end;
begin
  if exists (select from pg_catalog.pg_class where oid = p_table and relrowsecurity and relforcerowsecurity) then
    return;
  end if;
  execute format('alter table %s enable row level security, force row level security', p_table);
  -- After a transaction that set it, the setting reads as empty text: no org then, and no rows.
  execute format(
    $policy$create policy acting_org on %s to longshore_api, longshore_door
      using (nullif(current_setting('longshore.org_id', true), '')::int in (%s))$policy$,
    p_table, case when v_is_orgs then '0, id' else 'org_id' end
  );
  execute format(
    'create policy bound_logins on %s for select to longshore_reader using (%I = any ((select longshore.readable_orgs())::int[]))',
    p_table, v_org
  );
  execute format('create policy every_org on %s to longshore_system, current_user using (true)', p_table);
end
$$;
