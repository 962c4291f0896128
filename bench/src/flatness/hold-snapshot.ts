import { connect } from '@longshore/db';

/** A transaction that sees the rows of now until it is let go, so that nothing that dies after it can be cleared away. */
export interface HeldSnapshot {
  letGo(): Promise<void>;
}

/** Does what pg_dump, a long report or a forgotten psql do. */
export const holdSnapshot = async (databaseUrl: string): Promise<HeldSnapshot> => {
  const { pool, close } = connect({ url: databaseUrl, poolSize: 1 });
  const connection = await pool.connect();
  await connection.query('set idle_in_transaction_session_timeout = 0');
  await connection.query('begin isolation level repeatable read');
  await connection.query('select 1');
  return {
    letGo: async () => {
      await connection.query('rollback');
      connection.release();
      await close();
    },
  };
};
