-- The orgs whose rows the present login may read: those it is bound to in org_logins, all of them when it is bound to org 0.
create or replace function longshore.readable_orgs() returns int[]
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(orgs.id), '{}')
  from longshore.orgs
  where exists (
    select from longshore.org_logins as logins
    where logins.login = session_user and logins.org_id in (0, orgs.id)
  )
$$;
