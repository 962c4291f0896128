-- Makes a PostgreSQL login with one of Longshore's roles, or gives the one of that name a new password. Only for the owner of
-- the schema; bind_login gives it its org.
create or replace function longshore.ensure_login(p_login name, p_password text, p_role name) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = p_login) then
    execute format('create role %I nologin', p_login);
  elsif not pg_has_role(p_login, p_role, 'member') or exists (
    select from pg_catalog.pg_roles where rolname = p_login and (rolsuper or rolbypassrls)
  ) then
    raise exception using errcode = 'LS007', message = 'is a role of another purpose', detail = 'login',
      hint = 'Choose another name, or bind the role that is there: longshore logins bind';
  end if;
  execute format('alter role %I login password %L', p_login, p_password);
  perform longshore.bind_login(p_login, p_role, null);
end
$$;
