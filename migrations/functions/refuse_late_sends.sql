-- Raises serialization_failure when one of these ids, which were said to be new and have just been inserted, was sent again by a call that
-- committed before. A statement after the insert: a call that commits later finds the job itself.
create or replace function longshore.refuse_late_sends(p_org_id int, p_ids uuid[]) returns void
language plpgsql
as $$
begin
  if exists (
    select from longshore.resent_jobs as resent where resent.org_id = p_org_id and resent.job_id = any (p_ids)
  ) then
    raise serialization_failure using message = 'an id was sent again meanwhile';
  end if;
end
$$;
