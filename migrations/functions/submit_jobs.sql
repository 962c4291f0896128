-- Submits a batch of jobs for one org, in the order given. p_jobs is an array of submit_item, checked and filled in by the
-- caller: the API does it with the contract's schemas, SQL callers go through longshore.submit. Answers one row an item:
-- the job that stands for it (its own, or an earlier one with the same id or idempotency key) or an error code.
-- An item with an error leaves its neighbours alone; with p_is_atomic it raises and nothing is stored.
create or replace function longshore.submit_jobs(p_org_id int, p_jobs json, p_created_by text, p_is_atomic boolean)
returns table (item_id uuid, job_id uuid, state longshore.job_state, is_new boolean, error_code text)
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_items      longshore.submit_item[] := array(select json_populate_recordset(null::longshore.submit_item, p_jobs));
  v_has_keys   boolean;
  v_has_ties   boolean;
  v_held       uuid[] := '{}';
  v_holders    uuid[] := '{}';
  v_again      uuid[];
  v_repeats    uuid[] := '{}';
  v_new        uuid[];
  v_states     longshore.job_state[];
  v_orphans    uuid[] := '{}';
begin
  perform longshore.enter_org(p_org_id);
  select
    bool_or(items.idempotency_key is not null),
    bool_or(items.batch_id is not null or items.after_batch is not null or items.depends_on is not null)
  into v_has_keys, v_has_ties
  from unnest(v_items) as items;

  if v_has_keys then
    select coalesce(array_agg(settled.item_id), '{}'), coalesce(array_agg(settled.holder_id), '{}')
    into v_held, v_holders
    from longshore.settle_idempotency_keys(p_org_id, v_items) as settled;
  end if;
  if v_has_ties then
    perform longshore.ensure_batches(p_org_id, v_items);
  end if;
  -- What was sent again while this call was held up is a repeat too, whatever its caller believes.
  v_again := array(
    select items.id
    from unnest(v_items) as items
    where items.is_repeat
      or exists (
        select from longshore.resent_jobs as resent where resent.org_id = p_org_id and resent.job_id = items.id
      )
  );
  if v_again <> '{}' then
    v_repeats := array(select longshore.find_repeats(p_org_id, v_again));
  end if;

  select array_agg(inserted.id), array_agg(inserted.state)
  into v_new, v_states
  from longshore.insert_jobs(p_org_id, p_jobs, p_created_by, v_held || v_repeats) as inserted;
  perform longshore.refuse_late_sends(p_org_id, array(select made.id from unnest(v_new) as made (id) where made.id <> all (v_again)));

  if v_has_ties then
    v_orphans := array(select longshore.link_dependencies(
      p_org_id, array(select items from unnest(v_items) as items where items.id = any (v_new))
    ));
  end if;
  if p_is_atomic and array_position(v_holders, null) is not null then
    raise exception using errcode = 'LS008', message = 'an idempotency key was used before with another input',
      detail = 'idempotency_key', hint = 'Send the first input again, or choose another key.';
  end if;
  if p_is_atomic and v_orphans <> '{}' then
    raise exception using errcode = 'LS001', message = 'depends_on or after_batch names what does not exist, or comes later',
      detail = 'depends_on', hint = 'Submit the parents first; in one call, before their children.';
  end if;

  return query
  select made.id, made.id, made.state, true, null::text
  from unnest(v_new, v_states) as made (id, state)
  where made.id <> all (v_orphans);

  if coalesce(cardinality(v_new), 0) < cardinality(v_items) or v_orphans <> '{}' then
    return query
    select
      items.id,
      earlier.id,
      longshore.job_state(p_org_id, earlier.id),
      false,
      case
        when items.id = any (v_orphans) then 'INVALID_INPUT'
        when earlier.id is null then 'IDEMPOTENCY_CONFLICT'
      end
    from unnest(v_items) as items
    left join unnest(v_held, v_holders) as held (item_id, holder_id) on held.item_id = items.id
    cross join lateral (select case when held.item_id is null then items.id else held.holder_id end as id) as earlier
    where items.id = any (v_orphans) or items.id <> all (coalesce(v_new, '{}'));
  end if;
end
$$;
