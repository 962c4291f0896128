import type { TestDatabase } from '@longshore/test-kit';

type Query = Pick<TestDatabase, 'query'>;

/** The database roles that act at run time, and everybody else. */
export const databaseRoles = [
  'longshore_api',
  'longshore_submit',
  'longshore_reader',
  'longshore_door',
  'longshore_system',
  'public',
] as const;

export interface FunctionAccess {
  /** With its parameter types. */
  signature: string;
  name: string;
  /** `owner` for who migrated. */
  owner: string;
  isDefiner: boolean;
  config: string[];
  /** Roles that may execute it. */
  roles: string[];
}

export const readFunctions = (database: Query): Promise<FunctionAccess[]> =>
  database.query<FunctionAccess & Record<string, unknown>>(
    `select
       format('%s(%s)', proname, pg_get_function_identity_arguments(functions.oid)) as signature,
       proname as name,
       case when proowner = (select nspowner from pg_namespace where nspname = 'longshore') then 'owner'
         else proowner::regrole::text end as owner,
       prosecdef as "isDefiner",
       coalesce(proconfig, '{}') as config,
       array(
         select role from unnest($1::text[]) with ordinality as roles (role, place)
         where has_function_privilege(role, functions.oid, 'execute') order by place
       ) as roles
     from pg_catalog.pg_proc as functions
     where pronamespace = 'longshore'::regnamespace
     order by proname collate "C", 1`,
    [databaseRoles],
  );

export interface TableAccess {
  name: string;
  isView: boolean;
  /** Of each role: S, I, U, D for the whole table, small letters for some of its columns. */
  rights: Record<string, string>;
}

/** Daily partitions come and go, and nobody has rights on them by themselves. */
export const readTables = async (database: Query): Promise<TableAccess[]> => {
  const rows = await database.query<{ name: string; isView: boolean; role: string; letters: string }>(
    `select tables.relname as name, tables.relkind = 'v' as "isView", role,
       string_agg(
         case
           when has_table_privilege(role, tables.oid, right_name) then upper(left(right_name, 1))
           when right_name <> 'delete' and has_any_column_privilege(role, tables.oid, right_name) then left(right_name, 1)
           else ''
         end, '' order by place
       ) as letters
     from pg_catalog.pg_class as tables
     cross join unnest($1::text[]) as roles (role)
     cross join unnest(array['select', 'insert', 'update', 'delete']) with ordinality as rights (right_name, place)
     where tables.relnamespace = 'longshore'::regnamespace
       and tables.relkind in ('r', 'p', 'v', 'm', 'f') and tables.relname !~ '_\\d{8}$'
     group by tables.relname, tables.relkind, role
     order by tables.relname`,
    [databaseRoles],
  );
  const tables = new Map<string, TableAccess>();
  for (const { name, isView, role, letters } of rows) {
    const table = tables.get(name) ?? { name, isView, rights: {} };
    table.rights[role] = letters;
    tables.set(name, table);
  }
  return [...tables.values()];
};
