-- Makes an org the one whose rows row-level security lets through, until the transaction ends. Every verb begins with it.
create or replace function longshore.enter_org(p_org_id int) returns void
language plpgsql volatile
as $$
begin
  perform pg_catalog.set_config('longshore.org_id', p_org_id::text, true);
end
$$;
