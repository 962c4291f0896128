-- Makes a PostgreSQL login with one of Longshore's roles, or gives the one of that name a new password. Only for the owner of
-- the schema; bind_login gives it its org. A login without settings gets deadlines: as settings of the role they hold behind poolers,
-- which refuse those of a session. What a service submits on keeps other jobs locked, so it does not stay in a transaction for
-- long; API processes wait for nobody's lock for long. A session, or alter role, may choose other times.
create or replace function longshore.ensure_login(p_login name, p_password text, p_role name) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_is_api boolean := p_role = 'longshore_api';
begin
  if not exists (select from pg_catalog.pg_roles where rolname = p_login) then
    execute format('create role %I nologin', p_login);
  elsif not pg_has_role(p_login, p_role, 'member') or exists (
    select from pg_catalog.pg_roles where rolname = p_login and (rolsuper or rolbypassrls)
  ) then
    raise exception using errcode = 'LS007', message = 'is a role of another purpose', detail = 'login',
      hint = 'Choose another name, or bind the role that is there: longshore logins bind';
  end if;
  if (select rolconfig is null from pg_catalog.pg_roles where rolname = p_login) then
    execute format('alter role %I set statement_timeout = %L', p_login, case when v_is_api then '10s' else '30s' end);
    execute format('alter role %I set lock_timeout = %L', p_login, case when v_is_api then '1s' else '5s' end);
    execute format('alter role %I set idle_in_transaction_session_timeout = %L', p_login, case when v_is_api then '10s' else '60s' end);
  end if;
  execute format('alter role %I login password %L', p_login, p_password);
  perform longshore.bind_login(p_login, p_role, null);
end
$$;
