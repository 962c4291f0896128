import type { TestDatabase } from '@longshore/test-kit';
import pg from 'pg';

/** What a statement of the API may say of an org: compared with a parameter, or between two tables. */
const comparedWithParameter = /(?:"?\w+"?\.)?"?\borg_id"? = (\$\d+)(?:::int)?/g;
const comparedBetweenTables = /"?\w+"?\."?org_id"? = "?\w+"?\."?org_id"?/g;

/** What a function of ours may say of an org. The last two take a table's column on either side. */
const inFunctions = [
  /\b(?:\w+\.)?org_id = (?:p_org_id|v_org_id)\b/g,
  /\bp_org_id = \w+\.org_id\b/g,
  /\b\w+\.org_id = \w+\.org_id\b/g,
  /\borg_id = \w+\.org_id\b/g,
];

export interface Stripping {
  /** Predicates taken out of functions and views. */
  inDatabase: number;
  /** Functions that look across orgs by purpose and were left alone. */
  leftAlone: string[];
  /** What still compares an org in what was stripped. */
  remaining: string[];
}

/**
 * Takes every comparison of orgs out of our SQL functions and views, in one test's own database: what keeps orgs apart from
 * then on is row-level security, and what the API's own statements say. Functions of longshore_system stay as they are.
 */
export const stripDatabase = async (database: Pick<TestDatabase, 'query'>): Promise<Stripping> => {
  const stripping: Stripping = { inDatabase: 0, leftAlone: [], remaining: [] };
  const functions = await database.query<{ name: string; owner: string; definition: string }>(
    `select proname as name, proowner::regrole::text as owner, pg_get_functiondef(oid) as definition
     from pg_catalog.pg_proc where pronamespace = 'longshore'::regnamespace and prokind = 'f' order by proname`,
  );
  for (const { name, owner, definition } of functions) {
    if (owner === 'longshore_system') stripping.leftAlone.push(name);
    else await replace(database, stripping, name, definition);
  }
  const views = await database.query<{ name: string; definition: string }>(
    `select relname as name,
       format('create or replace view longshore.%I with (security_invoker = true) as %s', relname, pg_get_viewdef(oid)) as definition
     from pg_catalog.pg_class where relnamespace = 'longshore'::regnamespace and relkind = 'v' order by oid`,
  );
  for (const { name, definition } of views) await replace(database, stripping, name, definition);
  return stripping;
};

const replace = async (
  database: Pick<TestDatabase, 'query'>,
  stripping: Stripping,
  name: string,
  definition: string,
): Promise<void> => {
  let stripped = definition;
  for (const pattern of inFunctions)
    stripped = stripped.replace(pattern, () => {
      stripping.inDatabase++;
      return 'true';
    });
  const left = stripped.match(/[^\n]*\borg_id\b *(?:=|<>|in\b|is\b|any\b)[^\n]*/g) ?? [];
  stripping.remaining.push(...left.map((line) => `${name}: ${line.trim()}`));
  if (stripped !== definition) await database.query(stripped);
};

/**
 * Takes the comparisons of orgs out of every statement that this process sends as the given login, until `restore`.
 * `count` tells how many it took out.
 */
export const stripStatements = (login: string): { count(): number; restore(): void } => {
  const original = pg.Client.prototype.query;
  let count = 0;
  const strip = (text: string): string =>
    text
      .replace(comparedBetweenTables, () => {
        count++;
        return 'true';
      })
      .replace(comparedWithParameter, (_, parameter: string) => {
        count++;
        return `(${parameter}::int is not null)`;
      });
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first] = args;
    if (this.user === login) {
      if (typeof first === 'string') args[0] = strip(first);
      else if (isStatement(first)) args[0] = Object.assign(first, { text: strip(first.text) });
    }
    return Reflect.apply(original, this, args);
  } as typeof original;
  return {
    count: () => count,
    restore: () => {
      pg.Client.prototype.query = original;
    },
  };
};

const isStatement = (value: unknown): value is { text: string } =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string';

/** Takes row-level security away from every table. */
export const openWalls = async (database: Pick<TestDatabase, 'query'>): Promise<void> => {
  await database.query(
    `do $$
     declare v_table regclass;
     begin
       for v_table in select oid from pg_class where relnamespace = 'longshore'::regnamespace and relkind in ('r', 'p') loop
         execute format('alter table %s disable row level security, no force row level security', v_table);
       end loop;
     end $$`,
  );
};
