import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClaimedJob, uuidV7 } from '@longshore/contract';
import {
  connect,
  createAdmin,
  createDueReads,
  createJobLifecycle,
  createSessions,
  type Database,
  migrate,
} from '@longshore/db';
import { type RunningPostgres, startPostgres } from '@longshore/local-postgres';
import { eventually, steerClock } from '@longshore/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';

const filter = { kinds: ['work'], capabilities: [], queues: null, priorityMin: -32_768, priorityMax: 32_767 };
let dataDir: string;
let server: RunningPostgres;
let db: Database;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'longshore-restart-'));
  chmodSync(dataDir, 0o755);
  server = await startPostgres({ dataDir });
  await migrate(server.url);
  db = connect({ url: server.url, poolSize: 2 });
});
afterEach(async () => {
  await db.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('B-14: after an immediate restart of PostgreSQL a running job is not claimed again before its lease ends', async () => {
  const lifecycle = createJobLifecycle(db);
  const due = createDueReads(db);
  const clock = steerClock({ query: async (sql, params) => (await db.pool.query(sql, params)).rows });
  const { orgId, open } = await openOrg(db);
  const [holder, other] = [await open(), await open()];
  const claim = async (sessionId: string): Promise<ClaimedJob[]> => {
    const request = { filter, limitedWorkerId: null, seats: [{ sessionId, limit: 10 }], floors: [] };
    return (
      (await lifecycle.claim(orgId, request)).bySession.get(sessionId)?.map(({ text }) => JSON.parse(text)) ??
      []
    );
  };
  const [job, orphan] = [{ id: uuidV7() }, { id: uuidV7() }];
  for (const { id } of [job, orphan])
    await lifecycle.submit(orgId, [{ id, kind: 'work', payload: null }], { isAtomic: true, createdBy: null });
  const [running, left] = await claim(holder);
  const held = [running!, left!].map(({ id, leaseToken }) => ({ id, leaseToken }));

  await restartImmediately();
  const [beat] = await eventually(() => lifecycle.heartbeat(orgId, [{ sessionId: holder, held }]));

  expect(beat).toEqual({ lost: [], cancel: [], messages: [] });
  expect(await due.deadSessions(10)).toEqual([]);
  expect(await lifecycle.rescue(orgId, [holder])).toBe(0);
  expect(await claim(other)).toEqual([]);
  expect(await epochOf(job.id)).toBe(1);
  const [completed] = await lifecycle.complete(orgId, [{ ...held[0]!, result: 'done' }]);
  expect(completed).toEqual({ ok: true, id: job.id, state: 'completed' });

  await clock.advance(60);
  await lifecycle.rescue(orgId, [holder]);
  await lifecycle.heartbeat(orgId, [{ sessionId: other, held: [] }]);
  expect(await claim(await open())).toMatchObject([{ id: orphan.id, fencingToken: 2, attempt: 1 }]);
}, 60_000);

/** SIGQUIT is PostgreSQL's immediate shutdown: no checkpoint, recovery at the next start. */
const restartImmediately = async (): Promise<void> => {
  process.kill(server.pid, 'SIGQUIT');
  await server.stop();
  server = await startPostgres({ dataDir, port: server.port });
};

const openOrg = async (database: Database): Promise<{ orgId: number; open(): Promise<string> }> => {
  const admin = createAdmin(database);
  const sessions = createSessions(database);
  await admin.createOrg('restart');
  const orgId = await admin.orgIdOf('restart');
  const { id } = await admin.registerWorker(orgId, { name: 'worker' });
  const open = async (): Promise<string> =>
    (await sessions.open(orgId, id, { kinds: ['work'], capabilities: [] })).sessionId;
  return { orgId, open };
};

const epochOf = async (id: string): Promise<number> =>
  (await db.pool.query<{ epoch: number }>('select epoch from longshore.all_jobs where id = $1', [id]))
    .rows[0]!.epoch;
