import { parseArgs } from 'node:util';
import { migrate } from '@longshore/db';
import { startPostgres } from '@longshore/local-postgres';
import pg from 'pg';
import { freezeClock } from './frozen-clock.ts';
import { renderModel } from './render-model.ts';
import { runModel } from './run-model.ts';

/**
 * `npm run test:model -- --commands 200000 --seed 7`: plays random commands on a PostgreSQL of its own and on the model.
 * Ends with one line of figures, and with 1 when they differed.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      commands: { type: 'string', default: '10000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      path: { type: 'string' },
      replay: { type: 'string' },
    },
  });
  const postgres = await startPostgres();
  const pool = new pg.Pool({ connectionString: postgres.url, max: 6 });
  const clients = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
  try {
    await migrate(postgres.url);
    const database = {
      query: async <Row extends pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]> =>
        (await pool.query<Row>(sql, params)).rows,
    };
    const report = await runModel({
      database,
      clock: await freezeClock(database),
      clients,
      commands: Number(values.commands),
      seed: Number(values.seed),
      replay: values.path && values.replay ? { path: values.path, commands: values.replay } : undefined,
      onProgress: (commands) => process.stderr.write(`\r${commands} `),
    });
    process.stderr.write('\r');
    console.log(renderModel(report));
    if (report.failure) process.exitCode = 1;
  } finally {
    for (const client of clients) client.release();
    await pool.end();
    await postgres.stop();
  }
};

await main();
