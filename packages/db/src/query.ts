import type pg from 'pg';
import { isRefusal, toLongshoreError } from './database-error.ts';

/** Runs one statement, its values read as `types` says; errors come out as LongshoreError. */
export const query = async <Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: unknown[] = [],
  types?: pg.CustomTypesConfig,
): Promise<Row[]> => {
  try {
    return (await runStatement<Row>(pool, { text, values, ...(types && { types }) })).rows;
  } catch (error) {
    throw toLongshoreError(error);
  }
};

/**
 * Runs one statement; errors come out as pg's. `pool.query` would close the connection on every error, and a new one costs
 * twenty times what a refused statement does: here it is closed only when it may be broken.
 */
export const runStatement = async <Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  statement: pg.QueryConfig,
): Promise<pg.QueryResult<Row>> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await client.query<Row>(statement);
  } catch (error) {
    if (!isRefusal(error)) broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
};

/** Runs a piece of work; errors come out as LongshoreError. */
export const translateErrors = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    throw toLongshoreError(error);
  }
};
