import { LongshoreError, type SubmitOptions } from '@longshore/contract';
import type { JobDefinition, JobTypes } from './define-job.ts';
import { checkJob } from './submits.ts';
import { toWireText } from './wire-json.ts';

/** A transaction of the caller's own: a client of `pg`, or a transaction (or instance) of kysely. */
export type SqlTransaction = PgTransaction | KyselyTransaction;

export interface PgTransaction {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>;
}

export interface KyselyTransaction {
  executeQuery(query: CompiledSql): Promise<{ rows: unknown[] }>;
}

/** What kysely's `CompiledQuery.raw` builds; written by hand so that kysely is not needed. */
export interface CompiledSql {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly query: {
    readonly kind: 'RawNode';
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly [];
  };
  readonly queryId: { readonly queryId: string };
}

export type SubmitInOptions = SubmitOptions & {
  /** Slug of the org, where the database role does not decide it. */
  org?: string | undefined;
};

const submitSql = 'select longshore.submit($1::text, $2::text, $3::jsonb, $4::jsonb) as id';

/**
 * Stores a job inside the caller's own transaction: it exists if and when that commits.
 * Rejects with INVALID_INPUT for a payload that the schema refuses, and with the driver's own error for the rest; the
 * transaction is then aborted, as after any failed statement.
 */
export const submitIn = async <Types extends JobTypes>(
  tx: SqlTransaction,
  job: JobDefinition<Types>,
  payload: Types['payloadInput'],
  options: SubmitInOptions = {},
): Promise<{ id: string }> => {
  const { org = null, ...submitOptions } = options;
  const checked = await checkJob(job.request(payload, submitOptions));
  const optionsText = toWireText(toSqlOptions(checked.options), 'options');
  const values = [org, checked.kind, checked.payloadText, optionsText];
  const { rows } =
    'executeQuery' in tx ? await tx.executeQuery(compile(values)) : await tx.query(submitSql, values);
  return { id: readId(rows[0]) };
};

const compile = (parameters: unknown[]): CompiledSql => ({
  sql: submitSql,
  parameters,
  query: { kind: 'RawNode', sqlFragments: [submitSql], parameters: [] },
  queryId: { queryId: 'longshore.submit' },
});

/** The SQL function takes the same options in snake_case. What the caller put into `metadata` keeps its own keys. */
const toSqlOptions = ({ backoff, ...options }: SubmitOptions): Record<string, unknown> => ({
  ...toSnakeKeys(options),
  ...(backoff && { backoff: toSnakeKeys(backoff) }),
});

const toSnakeKeys = (fields: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );

const readId = (row: unknown): string => {
  if (typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string') return row.id;
  throw new LongshoreError('INTERNAL', 'longshore.submit answered without an id.');
};
