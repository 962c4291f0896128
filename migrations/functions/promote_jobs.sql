-- Makes scheduled jobs whose time has come available; p_ids are those the caller saw due, checked again here.
-- Returns how many there were.
create or replace function longshore.promote_jobs(p_org_id int, p_ids uuid[]) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
declare
  v_now timestamptz := longshore.now();
  v_due uuid[];
begin
  perform longshore.enter_org(p_org_id);
  v_due := array(
    select due.id
    from (
      select jobs.id, jobs.run_at
      from longshore.jobs
      where jobs.org_id = p_org_id and jobs.id = any (p_ids) and jobs.state = 'scheduled' and jobs.run_at <= v_now
      order by jobs.id
      for update skip locked
    ) as due
    order by due.run_at, due.id
  );
  perform longshore.make_available(p_org_id, v_due, v_now) where v_due <> '{}';
  return cardinality(v_due);
end
$$;
