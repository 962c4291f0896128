import { LongshoreError } from '@longshore/contract';
import { connect } from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import { afterEach, expect, test } from 'vitest';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { createRoleGuard } from './role-guard.ts';
import { startApi } from './start-api.ts';

const database = useDatabase();
const configFor = (url: string) =>
  readConfig({
    DATABASE_URL: url,
    LONGSHORE_LISTEN_DATABASE_URL: 'off',
    LONGSHORE_LOG_LEVEL: 'silent',
    LONGSHORE_PORT: '0',
  });
const config = configFor('postgres://nobody@127.0.0.1:9/none');
const away = () => new LongshoreError('UNAVAILABLE', 'away');
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A guard whose finding the test sets. */
const setUp = () => {
  const state: { finding: string[] | Error; looks: number; told: string[][] } = {
    finding: [],
    looks: 0,
    told: [],
  };
  const guard = createRoleGuard({
    readRoleFaults: async () => {
      state.looks += 1;
      if (state.finding instanceof Error) throw state.finding;
      return state.finding;
    },
    onFaults: (faults) => state.told.push(faults),
    retryMs: 1,
  });
  return { state, guard };
};

test('a role that was found safe is not asked about again', async () => {
  const { state, guard } = setUp();
  await Promise.all([guard.check(), guard.check()]);
  state.finding = ['root is a superuser'];
  await guard.requireSafe();
  expect(guard.isSafe()).toBe(true);
  expect(state.looks).toBe(1);
});

test('an unsafe role is named to the operator once, and hidden from callers', async () => {
  const { state, guard } = setUp();
  state.finding = ['root is a superuser'];
  await expect(guard.check()).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('root'),
  });
  await expect(guard.requireSafe()).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.not.stringContaining('root'),
  });
  expect(state.told).toEqual([['root is a superuser']]);
});

test('background work waits until a look has passed', async () => {
  const { state, guard } = setUp();
  state.finding = away();
  const waiting = guard.untilSafe(new AbortController().signal);
  await expect(guard.check()).rejects.toThrow('away');
  state.finding = [];
  expect(await waiting).toBe(true);
});

test('a close ends the wait', async () => {
  const { state, guard } = setUp();
  state.finding = away();
  const closing = new AbortController();
  const waiting = guard.untilSafe(closing.signal);
  closing.abort();
  expect(await waiting).toBe(false);
});

test('no call and no readiness before the role was found safe', async () => {
  const { state, guard } = setUp();
  const db = connect({ url: config.databaseUrl });
  const app = await buildApp({ config, db, logger: createLogger('silent'), roleGuard: guard });
  closers.push(
    () => app.close(),
    () => db.close(),
  );
  const call = async () => {
    const authorization = 'Bearer malformed';
    const answer = await app.inject({ url: '/trpc/whoami', headers: { authorization } });
    return [answer.statusCode, answer.json().error.data.longshore.code, answer.headers['retry-after']];
  };
  for (const finding of [away(), ['root is a superuser']]) {
    state.finding = finding;
    expect(await call()).toEqual([503, 'UNAVAILABLE', '1']);
    const readiness = await app.inject('/health/ready');
    expect(readiness.json()).toMatchObject({ code: 'UNAVAILABLE' });
    expect(readiness.body).not.toContain('root');
  }
  state.finding = [];
  expect(await call()).toEqual([401, 'UNAUTHENTICATED', undefined]);
});

test('an API does not start as the owner of the schema, and says what to do', async () => {
  await expect(startApi(configFor(database.url))).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringMatching(/is a superuser|owns the tables/),
    hint: expect.stringContaining('longshore_api'),
  });
});

test('an API starts as a member of longshore_api', async () => {
  const api = await startApi(configFor(database.apiUrl));
  closers.push(api.close);
  expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
});

test('an API without a database starts, and is not ready', async () => {
  const api = await startApi(config);
  closers.push(api.close);
  expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
  expect((await fetch(`${api.url}/health/ready`)).status).toBe(503);
});

test('an API whose database comes back with an unsafe role refuses its work', async () => {
  let look = 0;
  const readRoleFaults = async () => {
    look += 1;
    if (look === 1) throw away();
    return ['root is a superuser'];
  };
  const api = await startApi(configFor(database.apiUrl), { readRoleFaults });
  closers.push(api.close);
  const readiness = await fetch(`${api.url}/health/ready`);
  expect(await readiness.json()).toMatchObject({ code: 'UNAVAILABLE' });
});
