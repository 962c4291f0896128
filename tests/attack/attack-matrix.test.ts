import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApp } from '../surface/open-app.ts';
import { digestRows } from '../surface/org-rows.ts';
import { makeVictim } from './attackers.ts';
import { countCrossedRows } from './crossed-rows.ts';
import { countChanged, note } from './note.ts';
import { makeWorlds, runMatrix, toLine } from './run-matrix.ts';

const database = useDatabase();
let opened: Awaited<ReturnType<typeof openApp>>;

beforeAll(async () => {
  opened = await openApp(database.apiUrl);
});
afterAll(() => opened?.close());

test('S-01: no procedure shows or changes what belongs to another org', { timeout: 300_000 }, async ({
  task,
}) => {
  const { app } = opened;
  const victim = await makeVictim(app, database);
  const worlds = await makeWorlds(app, database, victim);
  const before = await digestRows(database, victim.orgId);

  const report = await runMatrix(app, database, victim, worlds);

  const after = await digestRows(database, victim.orgId);
  note(task, toLine('attack matrix', report, countChanged(before, after)));
  expect(report.leaks.slice(0, 10)).toEqual([]);
  expect(report.misjudged.slice(0, 10)).toEqual([]);
  expect(report.unlike.slice(0, 3)).toEqual([]);
  expect(after).toEqual(before);
  expect(await countCrossedRows(database)).toEqual({});
  expect(report.admitted).toBeGreaterThan(100);
});
