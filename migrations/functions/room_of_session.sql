-- How many more jobs of each category a session may take now that declared limits for itself: of its own jobs at most so many.
create or replace function longshore.room_of_session(p_org_id int, p_session_id uuid, p_limits jsonb)
returns table (categories text[], rooms int[])
language sql stable
as $$
  select
    coalesce(array_agg(limits.category), '{}'),
    coalesce(array_agg(limits.running_max::int - coalesce(loads.running, 0)), '{}')
  from jsonb_each_text(p_limits) as limits (category, running_max)
  left join longshore.load_of_sessions(p_org_id, array[p_session_id]) as loads on loads.category = limits.category
$$;
