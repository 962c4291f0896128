-- What a session may be given: what its process announced, {kinds, capabilities}, narrowed by the policy of its worker.
-- Capabilities that were left out are all that the worker is allowed by name. p_category_limits are those it declared itself.
create or replace function longshore.narrow_session(p_worker longshore.workers, p_announced jsonb, p_category_limits jsonb)
returns table (kinds text[], capabilities text[], priority_min smallint, priority_max smallint, is_limited boolean)
language sql stable
as $$
  select
    array(
      select distinct names.name
      from jsonb_array_elements_text(p_announced -> 'kinds') as names (name)
      where p_worker.allowed_kinds is null or names.name = any (p_worker.allowed_kinds)
      order by 1
    ),
    array(
      select distinct names.name
      from jsonb_array_elements_text(
        coalesce(p_announced -> 'capabilities', to_jsonb(p_worker.allowed_capabilities), '[]')
      ) as names (name)
      where (p_worker.allowed_capabilities is null or names.name = any (p_worker.allowed_capabilities))
        and names.name <> all (p_worker.denied_capabilities)
      order by 1
    ),
    p_worker.priority_min,
    p_worker.priority_max,
    p_worker.max_concurrent_jobs is not null
      or p_worker.claims_per_minute is not null
      or p_worker.expires_at is not null
      or p_worker.category_limits <> '{}'
      or p_category_limits <> '{}'
$$;
