import type pg from 'pg';
import { toLongshoreError } from './database-error.ts';

/** Runs one statement, its values read as `types` says; errors come out as LongshoreError. */
export const query = async <Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: unknown[] = [],
  types?: pg.CustomTypesConfig,
): Promise<Row[]> => {
  try {
    return (await pool.query<Row>({ text, values, ...(types && { types }) })).rows;
  } catch (error) {
    throw toLongshoreError(error);
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
