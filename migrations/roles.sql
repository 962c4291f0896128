-- The roles that act at run time; none of them can log in. Applied first on every migrate. Roles belong to the whole
-- cluster, so another database may have made them already, perhaps at this very moment.
do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'longshore_api',     -- API processes: the verbs and tables of one org at a time
    'longshore_submit',  -- services that submit by SQL: longshore.submit and nothing else
    'longshore_reader',  -- dashboards: the views, of the orgs that org_logins gives the login
    'longshore_door',    -- owns longshore.submit and longshore.submit_many, which its callers cannot look behind
    'longshore_system'   -- owns the few functions that look across orgs
  ] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      begin
        execute format('create role %I nologin', v_role);
      exception
        when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;

  -- Who migrates hands functions over to these two. Having made a role gives the right to grant it, not yet to act as it.
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    grant longshore_door, longshore_system to current_user;
  end if;
end
$$;
