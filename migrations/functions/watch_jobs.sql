-- Those of the jobs p_ids[i], of org p_org_ids[i], that are not as they were when p_marks[i] told of them (null for never): their
-- marks of now, and whether they are final: 'gone', as final, for one that a mark tells of and that is nowhere any more. None of
-- them finished before p_since. Costs a look by key for each job.
create or replace function longshore.watch_jobs(p_org_ids int[], p_ids uuid[], p_marks text[], p_since timestamptz)
returns table (org_id int, id uuid, mark text, is_final boolean)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with asked as materialized (
    select asked.org_id, asked.id, asked.mark, live.mark as live_mark
    from unnest(p_org_ids, p_ids, p_marks) as asked (org_id, id, mark)
    left join lateral (
      select concat_ws(
        ' ', jobs.state, jobs.epoch, jobs.cancel_requested_at is not null, extract(epoch from jobs.progress_at), jobs.output_lines
      ) as mark
      from longshore.jobs
      where jobs.id = asked.id and jobs.org_id = asked.org_id
    ) as live on true
  )
  select asked.org_id, asked.id, asked.live_mark, false
  from asked
  where asked.live_mark is distinct from asked.mark and asked.live_mark is not null
  union all
  select asked.org_id, asked.id, coalesce(done.state::text, 'gone'), true
  from asked
  left join longshore.finished_jobs as done
    on done.org_id = asked.org_id and done.id = asked.id and done.finished_at >= p_since
  where asked.live_mark is null and (done.id is not null or asked.mark is not null)
$$;
