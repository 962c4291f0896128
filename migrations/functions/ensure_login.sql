-- Makes a PostgreSQL login with one of Longshore's roles, or gives the one of that name a new password, and binds it to an
-- org (0 for every org; null for none, as API processes need none). Only for the owner of the schema.
create or replace function longshore.ensure_login(p_login name, p_password text, p_role name, p_org_id int) returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_role not in ('longshore_api', 'longshore_submit', 'longshore_reader') then
    raise exception using errcode = 'LS001', message = 'must be longshore_api, longshore_submit or longshore_reader', detail = 'role';
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = p_login) then
    execute format('create role %I nologin', p_login);
  elsif not pg_has_role(p_login, p_role, 'member') or exists (
    select from pg_catalog.pg_roles where rolname = p_login and (rolsuper or rolbypassrls)
  ) then
    raise exception using errcode = 'LS007', message = 'is a role of another purpose', detail = 'login',
      hint = 'Choose another name.';
  end if;
  execute format('alter role %I login password %L', p_login, p_password);
  execute format('grant %I to %I', p_role, p_login);
  if p_org_id is not null then
    insert into longshore.org_logins (org_id, login) values (p_org_id, p_login) on conflict do nothing;
  end if;
end
$$;
