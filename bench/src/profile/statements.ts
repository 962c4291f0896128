import { connect } from '@longshore/db';
import { readSql } from '../sql-file.ts';

/** What the server must be started with for its statements to be counted. */
export const statementSettings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
};

/** A statement since the last look, as PostgreSQL counted it. */
export interface Statement {
  /** Whether the API sent it; otherwise a function that the API called ran it. */
  isSent: boolean;
  calls: number;
  /** Milliseconds in the server, for a sent statement those of the functions below it included. */
  ms: number;
  rows: number;
  walBytes: number;
  text: string;
}

export interface StatementCounts {
  /** What ran since the last call, most time first; null where the server does not count. */
  take(): Promise<Statement[] | null>;
  close(): Promise<void>;
}

/** Counts what runs on the server's other databases, on a connection of its own, as a superuser. */
export const openStatementCounts = async (databaseUrl: string): Promise<StatementCounts> => {
  const { pool, close } = connect({ url: databaseUrl, poolSize: 1 });
  const run = async <Row extends object>(file: string): Promise<Row[]> =>
    (await pool.query<Row>(readSql(file, import.meta.url))).rows;
  const isCounting = await run('./enable-statements.sql').then(
    () => true,
    () => false,
  );
  return {
    take: async () => {
      if (!isCounting) return null;
      const statements = await run<Statement>('./list-statements.sql');
      await run('./reset-statements.sql');
      return statements;
    },
    close,
  };
};
