import pg from 'pg';

/** Runs one statement on a connection of its own, and closes it. Answers with the rows. */
export const runOnServer = async (url: string, sql: string, params: unknown[] = []): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, params)).rows;
  } finally {
    await client.end();
  }
};

/** The same server and role, another database. */
export const urlOfDatabase = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
};
