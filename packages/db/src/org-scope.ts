import { type Compilable, type CompiledQuery, sql, type Transaction } from 'kysely';
import type pg from 'pg';
import { DatabaseError } from 'pg';
import type { Database } from './connect.ts';
import { translateErrors } from './query.ts';
import type { Schema } from './schema.ts';

// Row-level security lets through the rows of the org that a transaction has entered, and none before it has entered one.

/**
 * Runs one query in a read-only transaction of the org and answers its rows. Begin, enter, query and commit leave together
 * and cost one round trip. Errors come out as LongshoreError.
 */
export const readAs = <Row>(db: Database, orgId: number, query: Compilable<Row>): Promise<Row[]> =>
  readCompiled(db, orgId, query.compile());

/** The same for a query that is compiled already, such as one of kysely's `sql`. */
export const readCompiled = <Row>(
  db: Database,
  orgId: number,
  { sql: text, parameters }: CompiledQuery<Row>,
): Promise<Row[]> =>
  translateErrors(async () => {
    const client = await db.pool.connect();
    let broken: Error | undefined;
    try {
      client.connection.stream.cork();
      const answers = [
        client.query('begin read only'),
        client.query(enterOrg, [orgId]),
        client.query<Row & pg.QueryResultRow>(text, [...parameters]),
        client.query('commit'),
      ] as const;
      client.connection.stream.uncork();
      const [begun, entered, read] = await Promise.allSettled(answers);
      for (const step of [begun, entered, read]) if (step.status === 'rejected') throw step.reason;
      return (read as PromiseFulfilledResult<pg.QueryResult<Row & pg.QueryResultRow>>).value.rows;
    } catch (error) {
      // A connection that PostgreSQL did not answer on may still be inside the transaction.
      if (!isAnswer(error)) broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  });

/** Runs work in one transaction of the org. Errors come out as LongshoreError, and nothing is stored then. */
export const inOrg = <Answer>(
  db: Database,
  orgId: number,
  work: (transaction: Transaction<Schema>) => Promise<Answer>,
): Promise<Answer> =>
  translateErrors(() =>
    db.kysely.transaction().execute(async (transaction) => {
      await enter(transaction, orgId);
      return work(transaction);
    }),
  );

/** Turns a transaction to another org: what an operator does touches the new org as well as the system's own. */
export const enter = async (transaction: Transaction<Schema>, orgId: number): Promise<void> => {
  await sql`select longshore.enter_org(${orgId})`.execute(transaction);
};

const enterOrg = 'select longshore.enter_org($1)';

const isAnswer = (error: unknown): boolean => error instanceof DatabaseError;
