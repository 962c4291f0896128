-- The org of this slug, if the present login may submit to it; of a null slug, the only org the login is bound to. Null
-- otherwise: a login is not told of orgs that are not its own. Who may act as the API, or owns the schema, may name any org.
create or replace function longshore.org_of_login(p_slug text) returns int
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_orgs int[];
begin
  if p_slug is not null and pg_has_role(session_user, 'longshore_api', 'member') then
    return (select orgs.id from longshore.orgs where orgs.slug = p_slug and orgs.id <> 0);
  end if;
  v_orgs := array(
    select orgs.id
    from longshore.org_logins as logins
    join longshore.orgs on orgs.id = logins.org_id
    where logins.login = session_user and orgs.id <> 0 and (p_slug is null or orgs.slug = p_slug)
    limit 2
  );
  return case when cardinality(v_orgs) = 1 then v_orgs[1] end;
end
$$;
