import { useDatabase } from '@longshore/test-kit';
import { describe, expect, test } from 'vitest';
import { readFunctions } from './sql-access.ts';

const database = useDatabase();

/** The column of each row, of a query that should find none. */
const find = async (sql: string): Promise<unknown[]> =>
  (await database.query<{ found: unknown }>(sql)).map(({ found }) => found);

const ourTables = `pg_catalog.pg_class as tables
  where relnamespace = 'longshore'::regnamespace and relkind in ('r', 'p')`;
const namesOrg = `(relname = 'orgs' or exists (
  select from pg_catalog.pg_attribute where attrelid = tables.oid and attname = 'org_id' and not attisdropped
))`;

describe('S-04: row-level security', () => {
  test('is enabled, forced and has policies on every table that names an org, partitions included', async () => {
    expect((await find(`select relname as found from ${ourTables} and ${namesOrg}`)).length).toBeGreaterThan(
      15,
    );
    expect(
      await find(
        `select relname as found from ${ourTables} and ${namesOrg} and not (
           relrowsecurity and relforcerowsecurity and exists (select from pg_catalog.pg_policy where polrelid = tables.oid)
         )`,
      ),
    ).toEqual([]);
  });

  test('no other table is there but those that hold nothing of anybody', async () => {
    expect(await find(`select relname as found from ${ourTables} and not ${namesOrg}`)).toEqual([
      'schema_migrations',
    ]);
  });

  test('lets everybody see all rows only through the two policies that say so', async () => {
    expect(
      await find(
        `select distinct polname || ' ' || array(
             select case when oid = 0 then 'public' when oid = to_regrole(current_user) then 'owner' else oid::regrole::text end
             from unnest(polroles) as oid order by 1
           )::text as found
         from pg_catalog.pg_policy join pg_catalog.pg_class on pg_class.oid = polrelid
         where relnamespace = 'longshore'::regnamespace order by found`,
      ),
    ).toEqual([
      'acting_org {longshore_api,longshore_door}',
      'bound_logins {longshore_reader}',
      'every_org {longshore_system,owner}',
    ]);
  });

  test('asks every policy but every_org whose rows they are', async () => {
    expect(
      await find(
        `select polname || ' on ' || relname as found
         from pg_catalog.pg_policy join pg_catalog.pg_class on pg_class.oid = polrelid
         where relnamespace = 'longshore'::regnamespace and polname <> 'every_org'
           and pg_get_expr(polqual, polrelid) !~ case polname when 'acting_org' then 'longshore[.]org_id' else 'readable_orgs' end`,
      ),
    ).toEqual([]);
  });

  test('every view looks with the rights of who asks', async () => {
    expect(
      await find(
        `select relname as found from pg_catalog.pg_class
         where relnamespace = 'longshore'::regnamespace and relkind in ('v', 'm')
           and not coalesce(reloptions @> '{security_invoker=true}', false)`,
      ),
    ).toEqual([]);
  });
});

const ourRoles = `('longshore_api', 'longshore_submit', 'longshore_reader', 'longshore_door', 'longshore_system')`;

describe('S-22: the roles that act at run time', () => {
  test('are nothing special: no login, no superuser, nothing beyond the walls, no members of each other', async () => {
    expect(await find(`select rolname as found from pg_roles where rolname in ${ourRoles}`)).toHaveLength(5);
    expect(
      await find(
        `select rolname as found from pg_roles where rolname in ${ourRoles}
           and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolcanlogin)`,
      ),
    ).toEqual([]);
    expect(
      await find(
        `select member::regrole || ' in ' || roleid::regrole as found from pg_auth_members
         join pg_roles on pg_roles.oid = member where rolname in ${ourRoles}`,
      ),
    ).toEqual([]);
  });

  test('own no table, and only the door and the system own functions', async () => {
    expect(
      await find(
        `select relname as found from pg_catalog.pg_class join pg_roles on pg_roles.oid = relowner where rolname in ${ourRoles}`,
      ),
    ).toEqual([]);
    expect(
      await find(
        `select distinct rolname as found from pg_catalog.pg_proc join pg_roles on pg_roles.oid = proowner
         where rolname in ${ourRoles} order by 1`,
      ),
    ).toEqual(['longshore_door', 'longshore_system']);
  });

  test('may change no definition: nothing may be created, triggered, referenced, truncated or maintained', async () => {
    expect(
      await find(
        `select rolname || ' in ' || nspname as found from pg_roles, pg_namespace
         where rolname in ${ourRoles} and nspname !~ '^pg_(temp|toast)' and has_schema_privilege(rolname, pg_namespace.oid, 'create')`,
      ),
    ).toEqual([]);
    expect(
      await find(
        `select rolname || ' on ' || relname as found from pg_roles, pg_catalog.pg_class
         where rolname in ${ourRoles} and relnamespace = 'longshore'::regnamespace and relkind in ('r', 'p', 'v')
           and has_table_privilege(rolname, pg_class.oid, 'truncate, references, trigger')`,
      ),
    ).toEqual([]);
  });

  test('reach no table outside of the schema that public may not', async () => {
    expect(
      await find(
        `select rolname || ' on ' || pg_class.oid::regclass as found from pg_roles, pg_catalog.pg_class
         where rolname in ${ourRoles} and relkind in ('r', 'p', 'v', 'm', 'f')
           and relnamespace not in ('longshore'::regnamespace, 'pg_catalog'::regnamespace, 'information_schema'::regnamespace)
           and relnamespace::regnamespace::text !~ '^pg_'
           and has_any_column_privilege(rolname, pg_class.oid, 'select, insert, update')`,
      ),
    ).toEqual([]);
  });

  test('the API cannot read the hash of a key, write the audit log, or pass for another role', async () => {
    const may = async (sql: string): Promise<unknown> => (await find(`select ${sql} as found`))[0];
    expect(await may(`has_column_privilege('longshore_api', 'longshore.api_keys', 'hash', 'select')`)).toBe(
      false,
    );
    expect(
      await may(`has_column_privilege('longshore_reader', 'longshore.api_keys', 'hash', 'select')`),
    ).toBe(false);
    for (const log of ['audit_log', 'audit_heads'])
      expect(
        await may(`has_any_column_privilege('longshore_api', 'longshore.${log}', 'insert, update')
          or has_table_privilege('longshore_api', 'longshore.${log}', 'delete, truncate')`),
      ).toBe(false);
    expect(
      await may(
        `has_table_privilege('longshore_api', 'longshore.org_logins', 'select, insert, update, delete')`,
      ),
    ).toBe(false);
  });
});

describe('security definer functions', () => {
  test('belong to the door or to the system, but for those that make and drop partitions', async () => {
    const definers = (await readFunctions(database)).filter(({ isDefiner }) => isDefiner);
    expect(definers.length).toBeGreaterThan(5);
    expect(definers.filter(({ owner }) => owner === 'owner').map(({ name }) => name)).toEqual([
      'drop_old_partitions',
      'ensure_partitions',
    ]);
    expect(definers.filter(({ owner }) => owner === 'longshore_door').map(({ name }) => name)).toEqual([
      'submit',
      'submit_many',
    ]);
  });

  test('pin their search path, and so do those they call, with the temporary schema last', async () => {
    // A path of nothing begins with the temporary schema, where any caller can put a type `text` of his own.
    const isPinned = (setting: string): boolean => /^search_path=(.*, *)?pg_temp$/.test(setting);
    const faulty = (await readFunctions(database)).filter(({ config, isDefiner }) => {
      const paths = config.filter((setting) => setting.startsWith('search_path='));
      return !paths.every(isPinned) || (isDefiner && paths.length === 0);
    });
    expect(
      faulty.map(({ name }) => name),
      'write: set search_path = pg_catalog, pg_temp',
    ).toEqual([]);
  });

  test('nobody but the owner and the system owns a function that others run as themselves', async () => {
    const invokers = (await readFunctions(database)).filter(({ isDefiner }) => !isDefiner);
    expect(invokers.filter(({ owner }) => owner !== 'owner').map(({ name }) => name)).toEqual([]);
  });

  test('nothing is open to public', async () => {
    const open = (await readFunctions(database)).filter(({ roles }) => roles.includes('public'));
    expect(open.map(({ name }) => name)).toEqual([]);
  });
});

/** docs/decisions/0006 says why these have none. */
const hotTables = ['finished_jobs', 'job_dependencies', 'job_output', 'jobs'];
/** Worth nothing after a crash, and gone with its minute. */
const unloggedTables = ['rate_buckets'];

describe('foreign keys', () => {
  test('between tables that name an org hold both to the same one', async () => {
    expect(
      await find(
        `select conname as found from pg_catalog.pg_constraint as keys
         where contype = 'f' and connamespace = 'longshore'::regnamespace and conparentid = 0
           and confrelid <> 'longshore.orgs'::regclass
           and not exists (
             select from unnest(conkey, confkey) as pairs (here, there)
             join pg_catalog.pg_attribute as mine on mine.attrelid = conrelid and mine.attnum = here
             join pg_catalog.pg_attribute as theirs on theirs.attrelid = confrelid and theirs.attnum = there
             where mine.attname = 'org_id' and theirs.attname = 'org_id'
           )`,
      ),
    ).toEqual([]);
  });

  test('are on every table that names an org, but for the hot ones of decision 0006', async () => {
    expect(
      await find(
        `select relname as found from ${ourTables} and ${namesOrg} and relname <> 'orgs' and not relispartition
           and not exists (select from pg_catalog.pg_constraint where contype = 'f' and conrelid = tables.oid)
         order by relname`,
      ),
    ).toEqual([...hotTables, ...unloggedTables].sort());
  });

  test('every primary key names the org', async () => {
    expect(
      await find(
        `select relname as found from ${ourTables} and ${namesOrg} and relname <> 'orgs' and not relispartition
           and exists (select from pg_index where indrelid = tables.oid and indisprimary)
           and not exists (
             select from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey)
             where indrelid = tables.oid and indisprimary and attname = 'org_id'
           )`,
      ),
    ).toEqual([]);
  });
});
