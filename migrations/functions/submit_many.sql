-- Submits many jobs in the caller's own transaction, all or none, and returns their ids in order. p_jobs is an array of
-- objects with kind, payload and the options of longshore.submit. Raises LS001 to LS008 with the field in DETAIL.
-- Runs as longshore_door, whom row-level security lets at the rows of the one org that was entered.
create or replace function longshore.submit_many(p_org text, p_jobs jsonb) returns setof uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_org_id int;
  v_job    jsonb;
  v_place  bigint;
  v_items  jsonb := '[]';
begin
  v_org_id := longshore.org_of_login(coalesce(p_org, nullif(current_setting('longshore.org', true), '')));
  if v_org_id is null then
    raise exception using errcode = 'LS006', message = 'there is no such org', detail = 'org',
      hint = 'Pass the slug of an org that this login is bound to; longshore logins create binds it.';
  end if;
  perform longshore.enter_org(v_org_id);
  if jsonb_typeof(p_jobs) is distinct from 'array' or jsonb_array_length(p_jobs) not between 1 and 1000 then
    raise exception using errcode = 'LS001', message = 'must be an array of 1 to 1000 jobs', detail = 'jobs',
      hint = 'Split larger batches.';
  end if;

  if (select count(distinct jobs.value ->> 'id') < count(jobs.value ->> 'id') from jsonb_array_elements(p_jobs) as jobs) then
    raise exception using errcode = 'LS001', message = 'names one id twice', detail = 'jobs',
      hint = 'Two jobs with one id would be one job; leave the id out to have one made.';
  end if;

  for v_job, v_place in select items.value, items.place from jsonb_array_elements(p_jobs) with ordinality as items (value, place) loop
    perform longshore.check_submit(v_job, format('jobs[%s]', v_place - 1));
    v_items := v_items || jsonb_build_array(
      jsonb_build_object('id', longshore.uuid_v7(longshore.now()), 'max_attempts', 3) || v_job || jsonb_build_object(
        'is_repeat', v_job ? 'id',
        'route_id', longshore.ensure_route(
          v_org_id,
          coalesce(v_job ->> 'queue', 'default'),
          v_job ->> 'kind',
          coalesce((v_job ->> 'priority')::smallint, 0::smallint),
          array(select jsonb_array_elements_text(v_job -> 'required_capabilities')),
          v_job ->> 'category'
        )
      )
    );
  end loop;

  return query
  select answers.job_id
  from longshore.submit_jobs(v_org_id, v_items::json, 'sql:' || session_user, true) as answers
  join jsonb_array_elements(v_items) with ordinality as items (value, place)
    on (items.value ->> 'id')::uuid = answers.item_id
  order by items.place;

  -- PostgreSQL sends equal notifications of one transaction once. The API sends its own after commit, never from here.
  perform pg_notify('longshore', 'wake:sql:' || v_org_id);
end
$$;
