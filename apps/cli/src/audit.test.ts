import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useApi } from '@longshore/test-kit';
import { afterAll, expect, test } from 'vitest';
import { exitCodes } from './exit-codes.ts';
import { callLongshore, type LongshoreRun } from './testing/run-longshore.ts';

const api = useApi();
const folder = mkdtempSync(join(tmpdir(), 'longshore-audit-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (key: 'admin' | 'operator', ...args: string[]): Promise<LongshoreRun> =>
  callLongshore(args, { LONGSHORE_URL: api.url, LONGSHORE_API_KEY: api.keys[key] });
const verify = (...args: string[]): Promise<LongshoreRun> =>
  callLongshore(['audit', 'verify', ...args], { DATABASE_URL: api.database.url });

test('the log is listed for an admin and for an operator', async () => {
  await run('admin', 'queues', 'pause', 'slow');
  const { stdout } = await run('admin', 'audit', 'list', '--action', 'queues.pause');
  expect(stdout).toMatch(/admin test admin +queues\.pause +slow/);
  const ofSystem = await run('operator', 'audit', 'list', '--json');
  expect(JSON.parse(ofSystem.stdout).entries).toContainEqual(
    expect.objectContaining({ action: 'orgs.create', target: api.org }),
  );
});

test('the trail of a job is shown', async () => {
  const submitted = await run('admin', 'submit', 'cli.trail', '1', '--json');
  const { id } = JSON.parse(submitted.stdout);
  await run('admin', 'jobs', 'cancel', id, '--reason', 'a test');
  const { stdout } = await run('admin', 'jobs', 'trail', id);
  expect(stdout).toMatch(/created .*key test admin/);
  expect(stdout).toMatch(/cancelled .*key test admin .*a test/);
  const unknown = '01976d2f-0000-7000-8000-000000000001';
  expect((await run('admin', 'jobs', 'trail', unknown)).exitCode).toBe(exitCodes.notFound);
});

test('a whole log verifies, and its heads are saved and found again', async () => {
  const file = join(folder, 'heads.json');
  const whole = await verify('--save', file);
  expect(whole).toMatchObject({ exitCode: exitCodes.ok });
  expect(whole.stdout).toMatch(new RegExp(`^${api.org}  \\d+ rows  head [0-9a-f]{64}  OK$`, 'm'));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toContainEqual(expect.objectContaining({ org: api.org }));
  expect(await verify('--expect', file, '--org', api.org)).toMatchObject({ exitCode: exitCodes.ok });
  expect(await verify('--org', 'nowhere')).toMatchObject({ exitCode: exitCodes.notFound });
});

test('a file that holds no heads is refused rather than taken for nothing to check', async () => {
  const file = join(folder, 'empty.json');
  writeFileSync(file, '{}');
  expect(await verify('--expect', file)).toMatchObject({ exitCode: exitCodes.usage });
});

test('a row that was changed is named and ends the command with 1', async () => {
  await api.database.query(
    "update longshore.audit_log set actor_name = 'nobody' where org_id = $1 and seq = 1",
    [api.orgId],
  );
  const broken = await verify('--org', api.org, '--save', join(folder, 'never.json'));
  expect(broken.exitCode).toBe(exitCodes.failed);
  expect(broken.stdout).toMatch(/BROKEN\n {2}row 1 {2}changed/);
  expect(() => readFileSync(join(folder, 'never.json'))).toThrow();
});

test('a log that was cut short and mended is found out by the heads saved before', async () => {
  const file = join(folder, 'heads.json');
  await api.database.query('delete from longshore.audit_log where org_id = $1', [api.orgId]);
  await api.database.query('delete from longshore.audit_heads where org_id = $1', [api.orgId]);
  expect(await verify('--org', api.org)).toMatchObject({ exitCode: exitCodes.ok });
  const { exitCode, stdout } = await verify('--expect', file, '--json');
  expect(exitCode).toBe(exitCodes.failed);
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ org: api.org, breaks: [expect.objectContaining({ reason: 'rewritten' })] }),
  );
});
