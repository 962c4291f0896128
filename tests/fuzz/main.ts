import { parseArgs } from 'node:util';
import { connect, createLogins, migrate, urlForLogin } from '@longshore/db';
import { startPostgres } from '@longshore/local-postgres';
import { renderFuzz } from './render-fuzz.ts';
import { runFuzz } from './run-fuzz.ts';

/**
 * `npm run test:fuzz -- --cases 2000000 --seed 7`: fuzzes the API and the SQL door on a PostgreSQL of its own.
 * Ends with 1 when there was a failure.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      replay: { type: 'string' },
    },
  });
  const [chunk, place] = (values.replay ?? '').split(':').map(Number);
  const postgres = await startPostgres();
  try {
    await migrate(postgres.url);
    const report = await runFuzz({
      databaseUrl: postgres.url,
      apiUrl: await makeApiUrl(postgres.url),
      cases: Number(values.cases),
      seed: Number(values.seed),
      replay: values.replay === undefined ? undefined : { chunk: chunk!, place: place! },
      onProgress: (cases) => process.stderr.write(`\r${cases} `),
    });
    process.stderr.write('\r');
    console.log(renderFuzz(report));
    if (report.failures.length + report.unhandledRejections > 0) process.exitCode = 1;
  } finally {
    await postgres.stop();
  }
};

const makeApiUrl = async (url: string): Promise<string> => {
  const db = connect({ url, poolSize: 1 });
  const login = 'longshore_fuzz_api';
  const password = await createLogins(db).ensureLogin({ login, role: 'api' });
  await db.close();
  return urlForLogin(url, login, password);
};

await main();
