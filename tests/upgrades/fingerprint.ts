import type { TestDatabase } from '@longshore/test-kit';

/** A digest of all that a migrator makes: tables, functions with their text, policies, rights, and the history of files. */
export const fingerprint = async (database: Pick<TestDatabase, 'query'>): Promise<string> => {
  const [row] = await database.query<{ digest: string }>(digest);
  return row!.digest;
};

/** In an order of their own: the catalogue keeps them in that of the grants. */
const rightsOf = (list: string): string =>
  `(select string_agg(acl::text, ',' order by acl::text) from unnest(${list}) as acl)`;

const digest = `
  with lines (line) as (
    select concat_ws(' ', c.relname, c.relkind, ${rightsOf("coalesce(c.relacl, acldefault('r', c.relowner))")}, c.relrowsecurity, c.relforcerowsecurity, a.attname, a.atttypid::regtype, a.attnotnull)
    from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and c.relkind <> 'i'
    where c.relnamespace = to_regnamespace('longshore')
    union all
    select concat_ws(' ', oid::regprocedure, pg_get_function_result(oid), proowner::regrole, ${rightsOf('proacl')}, md5(prosrc), obj_description(oid, 'pg_proc'))
    from pg_proc where pronamespace = to_regnamespace('longshore')
    union all
    select concat_ws(' ', polrelid::regclass, polname, pg_get_expr(polqual, polrelid)) from pg_policy
    union all
    select concat_ws(' ', nspname, nspacl, obj_description(oid, 'pg_namespace')) from pg_namespace where nspname like 'longshore%'
  )
  select md5(string_agg(line, E'\\n' order by line)) as digest from lines`;
