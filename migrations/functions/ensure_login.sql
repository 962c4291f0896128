-- Makes a PostgreSQL login with one of Longshore's roles, or gives the one of that name a new password. Only for the owner of
-- the schema; bind_login gives it its org. A new login of others than the API does not stay in a transaction for long, as what it
-- submits on keeps other jobs locked; a session, or alter role, may choose other times.
create or replace function longshore.ensure_login(p_login name, p_password text, p_role name) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = p_login) then
    execute format('create role %I nologin', p_login);
    if p_role <> 'longshore_api' then
      execute format('alter role %I set statement_timeout = ''30s''', p_login);
      execute format('alter role %I set lock_timeout = ''5s''', p_login);
      execute format('alter role %I set idle_in_transaction_session_timeout = ''60s''', p_login);
    end if;
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
