import { LongshoreError } from '@longshore/contract';
import type { Database } from './connect.ts';
import { query } from './query.ts';

/** Throws UNAVAILABLE when the database can be read and not written to, with the reason; and without a database. */
export const requireWritable = async ({ pool }: Database): Promise<void> => {
  const [row] = await query<{ is_standby: boolean; is_read_only: boolean }>(
    pool,
    "select pg_is_in_recovery() as is_standby, current_setting('transaction_read_only')::boolean as is_read_only",
  );
  const { is_standby, is_read_only } = row!;
  if (is_standby)
    throw new LongshoreError('UNAVAILABLE', 'the database is a standby: nothing can be written to it', {
      hint: 'Let DATABASE_URL lead to the primary, or promote this one.',
    });
  if (is_read_only)
    throw new LongshoreError('UNAVAILABLE', 'the database is read-only: nothing can be written to it', {
      hint: 'Reset default_transaction_read_only, of the server, of the database and of the login.',
    });
};
