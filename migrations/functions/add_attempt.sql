-- One entry more in a job's trail of attempts that did not complete it, with whatever p_more knows beside; view job_events
-- reads it. The newest 50 are kept.
create or replace function longshore.add_attempt(
  p_attempts jsonb, p_attempt int, p_outcome text, p_started_at timestamptz, p_ended_at timestamptz,
  p_session_id uuid, p_more jsonb
) returns jsonb
language sql immutable parallel safe
as $$
  select
    case when jsonb_array_length(coalesce(p_attempts, '[]')) >= 50 then p_attempts - 0 else coalesce(p_attempts, '[]') end
    || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
      'attempt', p_attempt,
      'outcome', p_outcome,
      'started_at', p_started_at,
      'ended_at', p_ended_at,
      'session_id', p_session_id
    ) || coalesce(p_more, '{}')))
$$;
