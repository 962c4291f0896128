-- The one place where SQL callers' jobs are checked; the same rules as submitInput in packages/contract.
-- Raises the code of the closed list, with the field in DETAIL and what to do in HINT.
create or replace function longshore.check_submit(p_job jsonb, p_field text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key   text;
  v_value jsonb;
  v_wrong text;
begin
  if jsonb_typeof(p_job) is distinct from 'object' then
    raise exception using errcode = 'LS001', message = 'must be an object', detail = p_field;
  end if;
  if not p_job ? 'kind' or jsonb_typeof(p_job -> 'kind') = 'null' then
    raise exception using errcode = 'LS001', message = 'is missing', detail = p_field || '.kind', hint = 'Name the kind of job.';
  end if;
  if not p_job ? 'payload' or p_job -> 'payload' is null then
    raise exception using errcode = 'LS001', message = 'is missing', detail = p_field || '.payload',
      hint = 'Pass the JSON value null if the job needs no payload.';
  end if;
  if p_job ? 'run_at' and p_job ? 'delay_seconds' then
    raise exception using errcode = 'LS001', message = 'cannot be given together with delay_seconds', detail = p_field || '.run_at';
  end if;
  if p_job ->> 'after_batch' = p_job ->> 'batch_id' then
    raise exception using errcode = 'LS001', message = 'is the job''s own batch', detail = p_field || '.after_batch';
  end if;

  for v_key, v_value in select * from jsonb_each(p_job) loop
    v_wrong := case
      when v_key in ('kind', 'queue', 'category') then longshore.wrong_text(v_value, 128)
      when v_key in ('external_id', 'idempotency_key', 'batch_id', 'after_batch') then longshore.wrong_text(v_value, 256)
      when v_key in ('required_capabilities', 'tags') then longshore.wrong_texts(v_value, 64)
      when v_key = 'priority' then longshore.wrong_number(v_value, -32768, 32767, true)
      when v_key = 'max_attempts' then longshore.wrong_number(v_value, 1, 1000, true)
      when v_key = 'timeout_seconds' then longshore.wrong_number(v_value, 0.001, 31536000, false)
      when v_key = 'delay_seconds' then longshore.wrong_number(v_value, 0, 315576000, false)
      when v_key = 'idempotency_key_seconds' then longshore.wrong_number(v_value, 1, 315576000, false)
      when v_key = 'id' then longshore.wrong_new_id(v_value)
      when v_key = 'run_at' then longshore.wrong_instant(v_value)
      when v_key = 'on_dependency_failure' then longshore.wrong_match(v_value, '^(cancel|run)$', 'cancel or run')
      when v_key = 'depends_on' then longshore.wrong_ids(v_value)
      when v_key = 'backoff' then longshore.wrong_backoff(v_value)
      when v_key = 'metadata' then case
        when jsonb_typeof(v_value) <> 'object' then 'must be an object'
        else longshore.wrong_json(v_value, 16384)
      end
      when v_key = 'payload' then longshore.wrong_json(v_value, 1048576)
      else 'unknown'
    end;
    if v_wrong = 'unknown' then
      raise exception using errcode = 'LS002', message = 'is not an option', detail = p_field || '.' || v_key,
        hint = 'See docs/submit-from-sql.md for the options.';
    elsif v_wrong like 'is larger%' then
      raise exception using errcode = 'LS003', message = v_wrong, detail = p_field || '.' || v_key,
        hint = 'Store large data elsewhere and pass a reference.';
    elsif v_wrong is not null then
      raise exception using errcode = 'LS001', message = v_wrong, detail = p_field || '.' || v_key;
    end if;
  end loop;
end
$$;
