-- Stores progress (the last value wins) and output lines of running jobs for their lease holders. p_items is an array of
-- {id, lease_token, seq, progress, output: [{stream, text}]}. A report whose seq is not greater than that of another of its lease
-- is a repeat, and nothing of it is stored again. Lines are numbered by job, in the order sent; a job keeps 100,000, and the last
-- of them says so when more were sent. Answers one row for each item whose lease was lost.
create or replace function longshore.report_progress(p_org_id int, p_items json)
returns table (id uuid, lease_token uuid, state longshore.job_state, is_accepted boolean, has_dependants boolean)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
set enable_bitmapscan = off
set enable_nestloop = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_lines_max constant int := 100000;
  v_now       timestamptz := longshore.now();
  v_ids       uuid[];
  v_tokens    uuid[];
  v_held      uuid[];
  v_proofs    uuid[];
begin
  perform longshore.enter_org(p_org_id);
  select array_agg(items.id), array_agg(items.lease_token)
  into v_ids, v_tokens
  from json_to_recordset(p_items) as items (id uuid, lease_token uuid);

  select coalesce(array_agg(held.id), '{}'), coalesce(array_agg(held.lease_token), '{}')
  into v_held, v_proofs
  from longshore.lock_leased(p_org_id, v_ids, v_tokens) as held;

  with sent as (
    select
      jobs.id, jobs.attempt, jobs.last_report, coalesce(jobs.output_lines, 0) as lines_before,
      items.progress, items.output, items.place,
      (jobs.epoch::bigint << 32) + items.seq as report
    from rows from (
      json_to_recordset(p_items) as (id uuid, lease_token uuid, seq int, progress json, output json)
    ) with ordinality as items (id, lease_token, seq, progress, output, place)
    join longshore.jobs on jobs.id = items.id and jobs.lease_token = items.lease_token
    where jobs.org_id = p_org_id and jobs.id = any (v_held)
  ), placed as (
    select
      sent.*,
      max(sent.report) over (
        partition by sent.id order by sent.place rows between unbounded preceding and 1 preceding
      ) as report_before
    from sent
  ), told as (
    select placed.*
    from placed
    where (placed.report <= greatest(placed.last_report, placed.report_before)) is not true
  ), lines as (
    select
      told.id,
      told.attempt,
      told.lines_before + row_number() over (partition by told.id order by told.place, written.place) as number,
      written.stream,
      written.text
    from told
    cross join rows from (
      json_to_recordset(told.output) as (stream text, text text)
    ) with ordinality as written (stream, text, place)
  ), kept as (
    insert into longshore.job_output (org_id, job_id, id, at, attempt, stream, line)
    select
      p_org_id, lines.id, lines.number, v_now, lines.attempt,
      case when lines.number < v_lines_max then lines.stream else 'log' end,
      case when lines.number < v_lines_max then lines.text else 'The output ends here: a job keeps ' || v_lines_max || ' lines.' end
    from lines
    where lines.number <= v_lines_max
  ), ends as (
    select lines.id, least(max(lines.number), v_lines_max) as output_lines from lines group by lines.id
  ), changes as (
    select
      told.id,
      ends.output_lines,
      max(told.report) as last_report,
      (array_agg(told.progress order by told.place desc) filter (where told.progress is not null))[1] as progress
    from told
    left join ends on ends.id = told.id
    group by told.id, ends.output_lines
  )
  update longshore.jobs
  set
    progress = coalesce(changes.progress, jobs.progress),
    -- Whoever watches the job tells one value from the next by their instants, so no two may be the same.
    progress_at = case
      when changes.progress is null then jobs.progress_at
      else greatest(v_now, jobs.progress_at + interval '1 microsecond')
    end,
    output_lines = coalesce(changes.output_lines, jobs.output_lines),
    last_report = coalesce(changes.last_report, jobs.last_report)
  from changes
  where jobs.org_id = p_org_id
    and jobs.id = any (v_held)
    and jobs.id = changes.id
    and (changes.progress is not null or changes.output_lines is not null);

  if cardinality(v_held) < cardinality(v_ids) then
    return query select * from longshore.refused_leases(p_org_id, v_ids, v_tokens, v_held, v_proofs);
  end if;
end
$$;
