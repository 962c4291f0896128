-- A JSON array of strings as a sorted array without repeats, so that equal sets of capabilities are equal routes.
create or replace function longshore.sorted_texts(p_texts jsonb) returns text[]
language sql immutable
as $$ select array(select distinct texts.value from jsonb_array_elements_text(coalesce(p_texts, '[]')) as texts order by 1) $$;
