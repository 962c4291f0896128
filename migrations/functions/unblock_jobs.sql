-- Lets blocked jobs of an org go whose parents have finished, and cancels those that wanted a parent to complete that did
-- not. Takes p_limit finished parents at a time and returns how many it took; the caller repeats while that is p_limit.
create or replace function longshore.unblock_jobs(p_org_id int, p_limit int) returns int
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_now       timestamptz := longshore.now();
  v_blocked   uuid[];
  v_taken     int;
  v_unmet     uuid[];
  v_cancelled uuid[];
  v_free      uuid[];
begin
  perform longshore.enter_org(p_org_id);
  update longshore.job_dependencies as ties set outcome = 'completed'
  where ties.org_id = p_org_id
    and ties.batch_id is not null
    and ties.outcome is null
    and not exists (
      select from longshore.jobs where jobs.org_id = p_org_id and jobs.batch_id = ties.batch_id
    );

  v_blocked := array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id
      and jobs.state = 'blocked'
      and jobs.id = any (array(
        select ties.job_id from longshore.job_dependencies as ties
        where ties.org_id = p_org_id and ties.outcome is not null
        limit p_limit
      ))
    order by jobs.id
    for update skip locked
  );

  -- Taken away and looked at in one statement: a parent may fail between two.
  with settled as (
    delete from longshore.job_dependencies
    where org_id = p_org_id and job_id = any (v_blocked) and outcome is not null
    returning job_id, outcome
  )
  select
    count(*),
    coalesce(array_agg(distinct settled.job_id) filter (where settled.outcome in ('failed', 'cancelled')), '{}')
  into v_taken, v_unmet
  from settled;

  v_cancelled := array(
    select jobs.id
    from longshore.jobs
    where jobs.org_id = p_org_id and jobs.id = any (v_unmet) and jobs.on_dependency_failure is distinct from 'run'
  );
  update longshore.jobs set cancelled_by = 'longshore', cancel_reason = 'a job it depends on did not complete'
  where org_id = p_org_id and id = any (v_cancelled);
  perform longshore.archive_jobs(p_org_id, v_cancelled, 'cancelled', null, v_now) where v_cancelled <> '{}';

  v_free := array(
    select blocked.id
    from unnest(v_blocked) as blocked (id)
    where blocked.id <> all (v_cancelled)
      and not exists (
        select from longshore.job_dependencies as ties where ties.org_id = p_org_id and ties.job_id = blocked.id
      )
  );

  update longshore.jobs set state = 'scheduled', order_key = 0 where org_id = p_org_id and id = any (v_free);
  perform longshore.make_available(
    p_org_id,
    array(select jobs.id from longshore.jobs where jobs.org_id = p_org_id and jobs.id = any (v_free) and jobs.run_at <= v_now),
    v_now
  );
  return v_taken;
end
$$;
