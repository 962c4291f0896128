-- Takes the idempotency keys of a batch of submits, in key order so that two batches cannot deadlock.
-- Returns the items that must not be inserted: holder_id is the earlier job that stands for the item, or null when the
-- same key was used with another input. The input is everything but the id and the key itself.
create or replace function longshore.settle_idempotency_keys(p_org_id int, p_items longshore.submit_item[])
returns table (item_id uuid, holder_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_item longshore.submit_item;
begin
  for v_item in
    select items.* from unnest(p_items) as items where items.idempotency_key is not null order by items.idempotency_key
  loop
    item_id := v_item.id;
    holder_id := longshore.take_idempotency_key(
      p_org_id,
      v_item.idempotency_key,
      v_item.id,
      sha256(convert_to(
        (to_jsonb(v_item) - array['id', 'is_repeat', 'idempotency_key', 'idempotency_key_seconds'])::text, 'UTF8'
      )),
      coalesce(v_item.idempotency_key_seconds, 86400)
    );
    if holder_id is distinct from v_item.id then
      return next;
    end if;
  end loop;
end
$$;
