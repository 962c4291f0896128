import { LongshoreError } from '@longshore/contract';
import { sql, type Transaction } from 'kysely';
import type { KeyFormat } from './api-key.ts';
import { type Actor, appendAudit } from './audit.ts';
import {
  type BetterAuthRow,
  type JudgeOptions,
  judgeRow,
  readName,
  referenceOf,
  type SkipReason,
  sourceIdOf,
  type TakenRow,
} from './better-auth-rows.ts';
import { connect, type Database } from './connect.ts';
import { insertGivenKey } from './key-rows.ts';
import { inOrg } from './org-scope.ts';
import { translateErrors } from './query.ts';
import type { Schema } from './schema.ts';
import { insertWorker } from './workers.ts';

export interface BetterAuthImport {
  /** The database that better-auth keeps its keys in. */
  fromUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /** Default `apikey`. */
  table?: string | undefined;
  /** What the keys may do here. Each key of role `worker` becomes a worker of its own. */
  role: 'submit' | 'worker';
  /** Takes only the keys of this user or organization. */
  referenceId?: string | undefined;
  /** Takes better-auth's rate limits over; by default they stay behind. */
  keepRateLimits?: boolean | undefined;
  /** Stores nothing, and answers what would have happened. */
  isDryRun?: boolean | undefined;
}

/** What became of a row. `duplicate`: there is a key with its hash already. */
export interface ImportedRow {
  sourceId: string;
  name: string;
  outcome: 'imported' | 'duplicate' | SkipReason;
  notes: string[];
  keyId: string | null;
  workerId: string | null;
}

/**
 * Takes the API keys of better-auth into an org, all in one transaction, and answers what became of each. Only hashes are
 * taken: a value that is not 43 characters of base64url is somebody's key itself, or no key at all.
 * Throws NOT_FOUND when there is no such table.
 */
export const importBetterAuthKeys = async (
  db: Database,
  actor: Actor,
  keyFormat: KeyFormat,
  orgId: number,
  from: BetterAuthImport,
): Promise<ImportedRow[]> => {
  const rows = (await readTable(from)).filter(
    (row) => from.referenceId === undefined || referenceOf(row) === from.referenceId,
  );
  return inOrg(db, orgId, async (transaction) => {
    const options = {
      role: from.role,
      keepRateLimits: from.keepRateLimits ?? false,
      ownStart: `${keyFormat.prefix}_`,
      now: await readNow(transaction),
    };
    await sql`savepoint before_import`.execute(transaction);
    const imported: ImportedRow[] = [];
    for (const row of rows) imported.push(await importRow(transaction, orgId, row, options));
    if (from.isDryRun) await sql`rollback to savepoint before_import`.execute(transaction);
    else await appendAudit(transaction, orgId, actor, summarize(from, imported));
    return imported;
  });
};

const readTable = async ({ fromUrl, schema = 'public', table = 'apikey' }: BetterAuthImport) => {
  const source = connect({ url: fromUrl, poolSize: 1, applicationName: 'longshore-import' });
  try {
    const select = sql<BetterAuthRow>`select * from ${sql.id(schema, table)}`;
    return (await translateErrors(() => select.execute(source.kysely))).rows;
  } catch (error) {
    const state = ((error as LongshoreError).cause as { code?: string } | undefined)?.code;
    if (state !== '42P01') throw error;
    throw new LongshoreError('NOT_FOUND', `there is no table ${schema}.${table}`, {
      field: 'table',
      hint: 'Name the table of better-auth’s API keys, and its schema.',
    });
  } finally {
    await source.close();
  }
};

const readNow = async (transaction: Transaction<Schema>): Promise<Date> =>
  (await sql<{ now: Date }>`select longshore.now() as now`.execute(transaction)).rows[0]!.now;

const importRow = async (
  transaction: Transaction<Schema>,
  orgId: number,
  row: BetterAuthRow,
  options: JudgeOptions,
): Promise<ImportedRow> => {
  const told = { sourceId: sourceIdOf(row), name: readName(row), keyId: null, workerId: null };
  const verdict = judgeRow(row, options);
  if (typeof verdict === 'string') return { ...told, outcome: verdict, notes: [] };
  await sql`savepoint before_row`.execute(transaction);
  try {
    const stored = await storeKey(transaction, orgId, options.role, verdict);
    return { ...told, ...stored, outcome: 'imported', notes: verdict.notes };
  } catch (error) {
    if (!(error instanceof LongshoreError && error.code === 'CONFLICT')) throw error;
    // The worker that was to have the key goes with it.
    await sql`rollback to savepoint before_row`.execute(transaction);
    return { ...told, outcome: 'duplicate', notes: [] };
  }
};

const storeKey = async (
  transaction: Transaction<Schema>,
  orgId: number,
  role: BetterAuthImport['role'],
  { hash, start, name, expiresAt, metadata, rateLimits }: TakenRow,
): Promise<{ keyId: string; workerId: string | null }> => {
  const workerId = role === 'worker' ? await insertWorker(transaction, orgId, { name }) : null;
  const traits = { role, name, workerId, expiresAt, metadata, rateLimits };
  const key = await insertGivenKey(transaction, orgId, { hash, start }, traits);
  return { keyId: key.id, workerId };
};

const summarize = ({ role, schema, table }: BetterAuthImport, rows: ImportedRow[]) => {
  const imported = rows.filter(({ outcome }) => outcome === 'imported').length;
  return {
    action: 'keys.importBetterAuth',
    target: `${schema ?? 'public'}.${table ?? 'apikey'}`,
    after: { role, imported, skipped: rows.length - imported },
  };
};
