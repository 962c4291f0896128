import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { migrate } from '@longshore/db';
import { eventually, readSchema } from '@longshore/test-kit';
import { spawnReady } from '@longshore/test-kit/processes';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { fingerprint } from './fingerprint.ts';

// Whenever a migrator dies, the database is as it was before the file it was at, and the next run succeeds.

const snapshot = readFileSync(new URL('../../migrations/schema.snapshot.txt', import.meta.url), 'utf8');

let name: string;
let url: string;
let pool: pg.Pool;
let proxy: CuttingProxy | undefined;

const onServer = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: inject('adminUrl') });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};
const database = {
  query: async <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>(sql, values)).rows,
};

beforeEach(async () => {
  name = `longshore_killed_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  url = Object.assign(new URL(inject('adminUrl')), { pathname: `/${name}` }).href;
  pool = new pg.Pool({ connectionString: url, max: 1 });
  pool.on('error', () => {});
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
  await pool.end();
  await onServer(`drop database ${name} with (force)`);
});

/** What migrators have left: how far the history got, whether the functions were ever applied, and a digest of it all. */
interface Left {
  files: number;
  hasFunctions: boolean;
  digest: string;
}

const readLeft = async (): Promise<Left> => {
  const [found] = await database.query<{ has_history: boolean; has_functions: boolean }>(
    `select to_regclass('longshore.schema_migrations') is not null as has_history,
       obj_description(to_regnamespace('longshore'), 'pg_namespace') is not null as has_functions`,
  );
  const digest = await fingerprint(database);
  if (!found!.has_history) return { files: 0, hasFunctions: false, digest };
  const files = await database.query('select from longshore.schema_migrations');
  return { files: files.length, hasFunctions: found!.has_functions, digest };
};

/** Each file commits as a whole, and so do the functions: a migrator that died within one leaves what it found. */
const expectNothingHalfDone = (before: Left, after: Left, where: string): void => {
  const hasCommitted = after.files > before.files || after.hasFunctions !== before.hasFunctions;
  if (after.files > 0 && !hasCommitted) expect(after.digest, where).toBe(before.digest);
};

/** A dead migrator's backend may still be at work, as it hears of the death only when it answers. */
const untilMigratorGone = () =>
  eventually(
    async () => {
      const backends = await database.query(
        "select from pg_stat_activity where datname = current_database() and application_name = 'longshore-migrate'",
      );
      return backends.length === 0;
    },
    { pollMs: 2 },
  );

test('B-44: a migrator whose backend is ended at each statement that changes the catalogue leaves nothing half done', async () => {
  await database.query(endAtCommand);
  let left = await readLeft();
  let at = 0;
  let kills = 0;
  for (;;) {
    at += 1;
    await database.query("select setval('fault.countdown', $1)", [at]);
    const outcome = await migrate(url).then(
      () => 'done',
      (error: { code?: string }) => error.code,
    );
    if (outcome === 'done') break;
    expect(outcome).toBe('UNAVAILABLE');
    kills += 1;
    await untilMigratorGone();
    const now = await readLeft();
    expectNothingHalfDone(left, now, `ended at command ${at}`);
    // The next run begins behind the files that are done, so it counts from the start again.
    if (now.files > left.files) at = 0;
    left = now;
  }
  expect(kills).toBeGreaterThan(200);
  await database.query('drop event trigger countdown; drop schema fault cascade');
  expect(await readSchema(database)).toBe(snapshot);
}, 600_000);

/** Ends the backend of a migrator before its n-th command: the countdown is a sequence, so a rollback does not turn it back. */
const endAtCommand = `
  create schema fault;
  create sequence fault.countdown increment -1 minvalue -1000000 maxvalue 1000000 start 1000000;
  create function fault.count_down() returns event_trigger language plpgsql as $$
  begin
    if current_setting('application_name') = 'longshore-migrate' and nextval('fault.countdown') = 0 then
      perform pg_terminate_backend(pg_backend_pid());
    end if;
  end $$;
  create event trigger countdown on ddl_command_start execute function fault.count_down();`;

test('B-44: a migrator whose connection breaks after each statement that it sends succeeds when it runs again', async () => {
  proxy = await startCuttingProxy(url);
  await migrate(proxy.url);
  const whole = await fingerprint(database);
  const statements = [...proxy.statements];
  await database.query('drop schema longshore cascade');
  let left = await readLeft();
  for (const place of placesToCut(statements)) {
    // Each run goes on where the one before was cut: past the files that are done.
    proxy.cutAfter = place + 1 - statementsOfFile * left.files;
    await expect(migrate(proxy.url), statements[place]).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(proxy.statements.at(-1)).toBe(statements[place]);
    await untilMigratorGone();
    const now = await readLeft();
    // The last statement is a transaction of its own, and done.
    if (place < statements.length - 1) expectNothingHalfDone(left, now, `cut after ${statements[place]}`);
    left = now;
  }
  await migrate(url);
  expect(await fingerprint(database)).toBe(whole);
  expect(await readSchema(database)).toBe(snapshot);
}, 600_000);

/** Begin, the file, its row in the history, commit. */
const statementsOfFile = 4;

/** All of them, but of the files of functions, which are one transaction, every twentieth. */
const placesToCut = (statements: readonly string[]): number[] => {
  const isOneOfMany = (sql: string): boolean => /^savepoint|^create or replace function/m.test(sql);
  const among = statements.map((_, place) => place);
  const few = among.filter((place) => isOneOfMany(statements[place]!)).filter((_, nth) => nth % 20 === 0);
  return among.filter((place) => !isOneOfMany(statements[place]!) || few.includes(place));
};

test('B-44: a migrator that is killed at each of its steps is followed by one that succeeds', async () => {
  const steps = await countSteps();
  for (let step = 1; step <= steps; step++) {
    await database.query('drop schema if exists longshore cascade');
    const { child } = await spawnReady(migrator, /(stopped)/, { MIGRATE_URL: url, STOP_AT: String(step) });
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await untilMigratorGone();
    await migrate(url);
    expect(await readSchema(database)).toBe(snapshot);
  }
}, 300_000);

const countSteps = async (): Promise<number> => {
  let steps = 0;
  await migrate(url, {
    onStep: () => {
      steps += 1;
    },
  });
  return steps;
};

const migrator = fileURLToPath(new URL('./migrate-process.ts', import.meta.url));
