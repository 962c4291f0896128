import type { Database } from './connect.ts';
import { query } from './query.ts';

/**
 * Why the role of this connection is not fit to serve requests, in words for the operator; empty for a login that is a plain
 * member of longshore_api. Throws UNAVAILABLE without a database.
 */
export const readRoleFaults = async ({ pool }: Database): Promise<string[]> => {
  const [row] = await query<RoleRow>(
    pool,
    `select
       current_user as name,
       role.rolsuper as is_superuser,
       role.rolbypassrls as is_above_the_walls,
       exists (
         select from pg_catalog.pg_class as tables
         where tables.relnamespace = to_regnamespace('longshore') and pg_has_role(current_user, tables.relowner, 'member')
       ) as is_owner,
       exists (
         select from pg_catalog.pg_roles as api where api.rolname = 'longshore_api' and pg_has_role(current_user, api.oid, 'member')
       ) as is_api,
       array(
         select wider.rolname::text
         from pg_catalog.pg_roles as wider
         where wider.rolname <> current_user
           and pg_has_role(current_user, wider.oid, 'member')
           and (wider.rolsuper or wider.rolbypassrls or wider.rolname in ('longshore_system', 'longshore_door', 'longshore_reader'))
         order by wider.rolname
       ) as wider_roles,
       array(
         select format('%1$s: alter role %2$I set %1$s = %3$L', deadlines.name, current_user, deadlines.advice)
         from (values
           ('statement_timeout', '10s'), ('lock_timeout', '1s'), ('idle_in_transaction_session_timeout', '10s')
         ) as deadlines (name, advice)
         where current_setting(deadlines.name) = '0'
       ) as missing_deadlines
     from pg_catalog.pg_roles as role
     where role.rolname = current_user`,
  );
  const { name, is_superuser, is_above_the_walls, is_owner, is_api, wider_roles, missing_deadlines } = row!;
  if (is_superuser) return [`${name} is a superuser`];
  return [
    ...(is_above_the_walls ? [`${name} bypasses row-level security`] : []),
    ...(is_owner ? [`${name} owns the tables`] : []),
    ...(is_api ? [] : [`${name} is not a member of longshore_api`]),
    ...wider_roles.map((wider) => `${name} is a member of ${wider}, which sees more than one org`),
    ...missing_deadlines.map((deadline) => `${name} has no ${deadline}`),
  ];
};

interface RoleRow {
  name: string;
  is_superuser: boolean;
  is_above_the_walls: boolean;
  is_owner: boolean;
  is_api: boolean;
  /** Roles it is a member of, directly or not, whose rows are not those of the org that was entered. */
  wider_roles: string[];
  /** Each with its remedy. Without them one lock that is held for long would keep every connection. */
  missing_deadlines: string[];
}
