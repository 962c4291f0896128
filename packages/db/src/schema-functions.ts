import type pg from 'pg';
import { type MigrationFile, type Release, readFunctionFiles, readSettled } from './migration-files.ts';
import { inPatientTransaction } from './patient-transaction.ts';

/** A function of the schema. `version` changes whenever it is replaced: every row version has its own transaction id. */
interface SchemaFunction {
  signature: string;
  name: string;
  version: string;
  /** Types of its parameters, and how many of them have no default. */
  types: string[];
  required: number;
  /** The release that no longer had it. */
  retired_by: string | null;
}

/**
 * Applies the functions and grants of a release together: a caller sees either the old set or the new one. What the release no
 * longer has stays for one release, as processes of the one before call it while they are replaced.
 */
export const applyFunctions = async (client: pg.Client, { folder, version }: Release): Promise<void> => {
  const [files, grants] = [await readFunctionFiles(folder), await readSettled(folder, 'grants.sql')];
  await inPatientTransaction(client, 'functions', async () => {
    await client.query('set local check_function_bodies = off');
    // Signatures then come out with the schema in front, whatever the login's own path is.
    await client.query('set local search_path = pg_catalog');
    const before = new Set((await readFunctions(client)).map((known) => known.version));
    for (const file of files) await applyFile(client, file);
    const now = await readFunctions(client);
    const current = now.filter((known) => !before.has(known.version));
    const gone = now.filter((known) => before.has(known.version));
    const kept = await dropSpent(client, gone, current, version);
    await besides(client, kept, () => client.query(grants));
    await markRetired(client, kept, current, version);
    await runEach(client, `select format('comment on schema longshore is %L', $1::text) as statement`, [
      `Longshore ${version}`,
    ]);
  });
};

/** The release whose functions a database has; null for a database without any. */
export const readSchemaRelease = async (client: pg.Client): Promise<string | null> => {
  const { rows } = await client.query<{ comment: string | null }>(
    `select obj_description(to_regnamespace('longshore'), 'pg_namespace') as comment`,
  );
  return /^Longshore (\d+\.\d+\.\d+)/.exec(rows[0]!.comment ?? '')?.[1] ?? null;
};

/** Below 0 when the first release came before the second. */
export const compareReleases = (a: string, b: string): number => {
  const [left, right] = [a, b].map((release) => release.split(/[.-]/).slice(0, 3).map(Number));
  const place = left!.findIndex((part, at) => part !== right![at]);
  return place === -1 ? 0 : left![place]! - right![place]!;
};

const readFunctions = async (client: pg.Client): Promise<SchemaFunction[]> => {
  const { rows } = await client.query<SchemaFunction>(
    `select
       oid::regprocedure::text as signature, proname as name, concat(oid, ' ', xmin) as version,
       array(select unnest(proargtypes)::text) as types, pronargs - pronargdefaults as required,
       substring(obj_description(oid, 'pg_proc') from '^Retired by ([0-9.]+)') as retired_by
     from pg_proc where pronamespace = 'longshore'::regnamespace`,
  );
  return rows;
};

const applyFile = async (client: pg.Client, file: MigrationFile): Promise<void> => {
  for (;;) {
    await client.query('savepoint before_file');
    try {
      await client.query(file.sql);
      return;
    } catch (error) {
      const inTheWay = findInTheWay(error);
      if (!inTheWay) throw named(file, error);
      await client.query('rollback to savepoint before_file');
      await dropAll(client, [inTheWay]);
    }
  }
};

/** 42P13: the result type or a parameter's name has changed, which "or replace" cannot do. The hint names the old one. */
const findInTheWay = (error: unknown): string | undefined => {
  const { code, hint } = error as { code?: string; hint?: string };
  return code === '42P13' ? /DROP FUNCTION (longshore\..+\))/.exec(hint ?? '')?.[1] : undefined;
};

/** The same error, with its SQLSTATE, that says which file it is about. */
const named = (file: MigrationFile, error: unknown): Error =>
  Object.assign(new Error(`${file.name}: ${(error as Error).message}`, { cause: error }), {
    code: (error as { code?: string }).code,
  });

/**
 * Drops what nobody can need: retired by an earlier release, or its calls are taken by a function of today that has more
 * parameters with defaults; both at once would make such calls ambiguous. Answers the rest.
 */
const dropSpent = async (
  client: pg.Client,
  gone: SchemaFunction[],
  current: SchemaFunction[],
  version: string,
): Promise<SchemaFunction[]> => {
  const isSpent = (old: SchemaFunction): boolean =>
    (old.retired_by !== null && compareReleases(old.retired_by, version) < 0) ||
    current.some((candidate) => takesCallsOf(candidate, old));
  await dropAll(client, signaturesOf(gone.filter(isSpent)));
  return gone.filter((old) => !isSpent(old));
};

const takesCallsOf = (candidate: SchemaFunction, old: SchemaFunction): boolean =>
  candidate.name === old.name &&
  candidate.required <= old.required &&
  candidate.types.length > old.types.length &&
  old.types.every((type, at) => type === candidate.types[at]);

/** Keeps functions out of the schema while something runs: the grants name functions of today, and leave others their own rights. */
const besides = async (
  client: pg.Client,
  functions: SchemaFunction[],
  work: () => Promise<unknown>,
): Promise<void> => {
  if (functions.length === 0) return void (await work());
  await client.query('create schema longshore_retired');
  await moveAll(client, signaturesOf(functions), 'longshore_retired');
  await work();
  const aside = signaturesOf(functions).map((signature) =>
    signature.replace('longshore.', 'longshore_retired.'),
  );
  await moveAll(client, aside, 'longshore');
  await client.query('drop schema longshore_retired');
};

const markRetired = async (
  client: pg.Client,
  kept: SchemaFunction[],
  current: SchemaFunction[],
  version: string,
): Promise<void> => {
  const newlyRetired = signaturesOf(kept.filter((old) => old.retired_by === null));
  const revived = signaturesOf(current.filter((known) => known.retired_by !== null));
  await runEach(
    client,
    `select format('comment on function %s is %L', signature, comment) as statement
     from (values ($1::text[], $2::text), ($3::text[], null)) as changed (signatures, comment), unnest(signatures) as signature`,
    [newlyRetired, `Retired by ${version}`, revived],
  );
};

const signaturesOf = (functions: SchemaFunction[]): string[] => functions.map(({ signature }) => signature);

const dropAll = (client: pg.Client, signatures: string[]): Promise<void> =>
  runEach(
    client,
    `select format('drop function %s', signature) as statement from unnest($1::text[]) as signature`,
    [signatures],
  );

const moveAll = (client: pg.Client, signatures: string[], schema: string): Promise<void> =>
  runEach(
    client,
    `select format('alter function %s set schema %I', signature, $2::text) as statement from unnest($1::text[]) as signature`,
    [signatures, schema],
  );

/** Runs statements that PostgreSQL puts together itself, as names take no parameters; signatures are as it wrote them. */
const runEach = async (client: pg.Client, sql: string, values: unknown[]): Promise<void> => {
  const { rows } = await client.query<{ statement: string }>(sql, values);
  for (const { statement } of rows) await client.query(statement);
};
