import { connect } from '@longshore/db';
import { readSql } from './sql-file.ts';

/** The server's version and the settings that decide what a commit costs, by name. */
export const readServerSettings = async (url: string): Promise<Record<string, string>> => {
  const db = connect({ url, poolSize: 1 });
  try {
    const { rows } = await db.pool.query<{ name: string; value: string }>(
      readSql('./sql/settings.sql', import.meta.url),
    );
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  } finally {
    await db.close();
  }
};
