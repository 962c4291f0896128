import type { TestDatabase } from '@longshore/test-kit';

/** Tables of the schema that name an org in each row, without partitions. */
export const orgTables = async (database: Pick<TestDatabase, 'query'>): Promise<string[]> => {
  const rows = await database.query<{ name: string }>(
    `select relname as name from pg_catalog.pg_class as tables
     where relnamespace = 'longshore'::regnamespace and relkind in ('r', 'p') and not relispartition
       and exists (select from pg_catalog.pg_attribute where attrelid = tables.oid and attname = 'org_id' and not attisdropped)
     order by relname`,
  );
  return rows.map(({ name }) => name);
};

/** What changes by itself: when a key was last used, what a rate limit counts. */
const restless = { column: 'last_used_at', table: 'rate_buckets' };

/**
 * Count and digest of the rows of one org, or of all of them, table by table: equal before and after means nothing was
 * written. Takes a connection that sees every org.
 */
export const digestRows = async (
  database: Pick<TestDatabase, 'query'>,
  orgId: number | null,
): Promise<Record<string, string>> => {
  const digests: Record<string, string> = {};
  for (const table of [...(await orgTables(database)), 'orgs']) {
    if (table === restless.table) continue;
    const [row] = await database.query<{ digest: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(line, '' order by line)), '') as digest
       from (
         select md5((to_jsonb(rows) - '${restless.column}')::text) as line from longshore.${table} as rows
         where $1::int is null or ${table === 'orgs' ? 'id' : 'org_id'} = $1
       ) as lines`,
      [orgId],
    );
    digests[table] = row!.digest;
  }
  return digests;
};

const idPattern = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|canary-[0-9a-f]{16}/g;

/** Every id and canary in a text, in lower case. */
export const findMarks = (text: string): string[] => text.toLowerCase().match(idPattern) ?? [];

/** Every id and canary in the rows of an org. */
export const readMarks = async (
  database: Pick<TestDatabase, 'query'>,
  orgId: number,
): Promise<Set<string>> => {
  const marks = new Set<string>();
  for (const table of [...(await orgTables(database)), 'orgs']) {
    const rows = await database.query<{ line: string }>(
      `select to_jsonb(rows)::text as line from longshore.${table} as rows
       where ${table === 'orgs' ? 'id' : 'org_id'} = $1`,
      [orgId],
    );
    for (const { line } of rows) for (const mark of findMarks(line)) marks.add(mark);
  }
  return marks;
};
