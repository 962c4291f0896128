-- Grants one of Longshore's roles to a login and binds it to an org: 0 for every org, null for none, as API processes need none.
create or replace function longshore.bind_login(p_login name, p_role name, p_org_id int) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_role not in ('longshore_api', 'longshore_submit', 'longshore_reader') then
    raise exception using errcode = 'LS001', message = 'must be longshore_api, longshore_submit or longshore_reader', detail = 'role';
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = p_login) then
    raise exception using errcode = 'LS006', message = 'there is no such login', detail = 'login';
  end if;
  execute format('grant %I to %I', p_role, p_login);
  if p_org_id is not null then
    insert into longshore.org_logins (org_id, login) values (p_org_id, p_login) on conflict do nothing;
  end if;
end
$$;
