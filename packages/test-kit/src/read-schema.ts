import type { TestDatabase } from './test-database.ts';

/** The schema of a database in text, to compare: columns, constraints, indexes, functions, without daily partitions. */
export const readSchema = async (database: Pick<TestDatabase, 'query'>): Promise<string> => {
  const parts: string[] = [];
  for (const [title, sql] of sections) {
    const rows = await database.query<{ line: string }>(sql);
    parts.push(`# ${title}\n${rows.map(({ line }) => line).join('\n')}\n`);
  }
  return parts.join('\n');
};

/** Daily partitions come and go. */
const isLasting = (column: string) => `${column} !~ '_\\d{8}$'`;

/** What the catalog says of our schema, one line each, written the same by PostgreSQL 15 to 18. */
const sections: [title: string, sql: string][] = [
  [
    'columns',
    `select format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       case when a.attnotnull then ' not null' end,
       -- Partitions have an identity of their own from version 17 on.
       case when a.attidentity <> '' and not c.relispartition then ' identity' end,
       ' default ' || pg_get_expr(d.adbin, d.adrelid)) as line
     from pg_attribute a
     join pg_class c on c.oid = a.attrelid
     left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where c.relnamespace = 'longshore'::regnamespace and c.relkind in ('r', 'p', 'v', 'c')
       and a.attnum > 0 and not a.attisdropped and ${isLasting('c.relname')}
     order by c.relname, a.attnum`,
  ],
  [
    'types',
    `select format('%s: %s', t.typname, string_agg(e.enumlabel, ', ' order by e.enumsortorder)) as line
     from pg_type t join pg_enum e on e.enumtypid = t.oid
     where t.typnamespace = 'longshore'::regnamespace group by t.typname order by t.typname`,
  ],
  [
    'constraints',
    // From version 18 on not null is a constraint too; here it stands with its column.
    `select format('%s %s: %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) as line
     from pg_constraint k join pg_class c on c.oid = k.conrelid
     where k.connamespace = 'longshore'::regnamespace and k.contype <> 'n' and ${isLasting('c.relname')}
     order by c.relname, k.conname`,
  ],
  [
    'indexes',
    `select regexp_replace(indexdef, 'USING btree ', '') as line from pg_indexes
     where schemaname = 'longshore' and ${isLasting('tablename')} order by indexname`,
  ],
  [
    'sequences',
    `select format('%s %s', sequencename, data_type) as line from pg_sequences
     where schemaname = 'longshore' order by sequencename`,
  ],
  [
    'functions',
    `select format('%s(%s) returns %s', proname, pg_get_function_arguments(oid), pg_get_function_result(oid)) as line
     from pg_proc where pronamespace = 'longshore'::regnamespace order by proname, pg_get_function_arguments(oid) collate "C"`,
  ],
];
