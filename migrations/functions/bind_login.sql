-- Grants one of Longshore's roles to a login and binds it to an org: 0 for every org, null for none, as API processes need none.
-- What the API may do and what a login is bound to are kept apart: policies of several roles add up, and who has both roles
-- sees rows of one org while acting for another. Raises LS001, LS006 for an unknown login, LS007 for one that must not have the role.
create or replace function longshore.bind_login(p_login name, p_role name, p_org_id int) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_rival name;
begin
  if p_role not in ('longshore_api', 'longshore_submit', 'longshore_reader') then
    raise exception using errcode = 'LS001', message = 'must be longshore_api, longshore_submit or longshore_reader', detail = 'role';
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = p_login) then
    raise exception using errcode = 'LS006', message = 'there is no such login', detail = 'login';
  end if;
  if p_login in ('longshore_api', 'longshore_submit', 'longshore_reader', 'longshore_door', 'longshore_system') then
    raise exception using errcode = 'LS007', message = 'is a role of Longshore itself', detail = 'login',
      hint = 'Name a login of your own.';
  end if;
  select rivals.name into v_rival
  from (values ('longshore_api', 'longshore_submit'), ('longshore_api', 'longshore_reader')) as pairs (api, bound)
  cross join lateral (select case p_role when pairs.api then pairs.bound else pairs.api end as name) as rivals
  where p_role in (pairs.api, pairs.bound) and pg_has_role(p_login, rivals.name, 'member')
  limit 1;
  if v_rival is not null then
    raise exception using errcode = 'LS007', message = format('is a member of %s, which does not go with %s', v_rival, p_role),
      detail = 'login', hint = 'Make a login for each: longshore logins create';
  end if;
  execute format('grant %I to %I', p_role, p_login);
  if p_org_id is not null then
    insert into longshore.org_logins (org_id, login) values (p_org_id, p_login) on conflict do nothing;
  end if;
end
$$;
