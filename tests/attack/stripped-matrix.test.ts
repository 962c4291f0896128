import { useDatabase } from '@longshore/test-kit';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { type App, ask, openApp } from '../surface/open-app.ts';
import { digestRows } from '../surface/org-rows.ts';
import { procedures } from '../surface/procedures.ts';
import { makeVictim } from './attackers.ts';
import { countChanged, note } from './note.ts';
import { makeWorlds, runMatrix, toLine } from './run-matrix.ts';
import { openWalls, type Stripping, stripDatabase, stripStatements } from './strip-org-predicates.ts';

/** They look across orgs by purpose, so they have no org's predicate to be stripped of. Review each that is added. */
const systemFunctions = [
  'append_audit',
  'due_jobs',
  'due_sessions',
  'due_time_outs',
  'due_trims',
  'due_unblocks',
  'find_key',
  'org_of_login',
  'prune_rows',
  'readable_orgs',
  'seconds_to_next_due',
  'session_changes',
  'sessions_with_news',
  'touch_keys',
  'watch_jobs',
];

/** A few that read and a few that write; those that end workers come last, for the others to have something to end. */
const reading = ['jobs.get', 'jobs.list', 'keys.list', 'queues.list', 'workers.list'];
const writing = ['worker.complete', 'jobs.cancel', 'jobs.retry', 'keys.revoke', 'workers.revoke'];

let statements: ReturnType<typeof stripStatements>;
beforeEach(() => {
  statements = stripStatements(inject('apiLogin').login);
});
afterEach(() => statements.restore());

const timeout = 300_000;

describe('with every comparison of orgs taken out of functions, views and statements', () => {
  const database = useDatabase();

  test('S-04: row-level security alone keeps orgs apart', { timeout }, async ({ task }) => {
    await withApp(database.apiUrl, async (app) => {
      const victim = await makeVictim(app, database);
      const worlds = await makeWorlds(app, database, victim);
      requireStripped(await stripDatabase(database));
      const before = await digestRows(database, victim.orgId);

      const report = await runMatrix(app, database, victim, worlds);

      const after = await digestRows(database, victim.orgId);
      note(task, toLine('the same on row-level security alone', report, countChanged(before, after)));
      expect(statements.count()).toBeGreaterThan(200);
      expect(report.leaks.slice(0, 10)).toEqual([]);
      expect(report.misjudged.slice(0, 10)).toEqual([]);
      expect(after).toEqual(before);

      const own = { name: 'jobs.get', type: 'query' };
      const input = JSON.stringify({ id: victim.things.job[0] });
      expect(await ask(app, own, victim.keys.submit, input)).toMatchObject({ status: 200 });
    });
  });
});

describe('with row-level security taken away too', () => {
  const database = useDatabase();

  test('the matrix finds leaks and writes, so it would find them', { timeout }, async ({ task }) => {
    await withApp(database.apiUrl, async (app) => {
      const victim = await makeVictim(app, database);
      const attacked = [...reading, ...writing].map((name) => procedures.find((each) => each.name === name)!);
      const worlds = await makeWorlds(app, database, victim, attacked);
      await stripDatabase(database);
      await openWalls(database);
      let before = await digestRows(database, victim.orgId);
      const wrote = new Set<string>();

      const report = await runMatrix(app, database, victim, worlds, {
        isBrief: true,
        afterEach: async ({ name }) => {
          const after = await digestRows(database, victim.orgId);
          if (countChanged(before, after) > 0) wrote.add(name);
          before = after;
        },
      });

      const leaked = new Set(report.leaks.map((leak) => leak.split(' ')[0]!));
      const suite = `(without any wall ${leaked.size} leak and ${wrote.size} write, of ${worlds.length})`;
      note(task, { suite, cases: 0, leaks: 0, writes: 0 });
      expect([...leaked]).toEqual(expect.arrayContaining(reading));
      expect([...wrote]).toEqual(expect.arrayContaining(writing));
    });
  });
});

const withApp = async (apiUrl: string, work: (app: App) => Promise<void>): Promise<void> => {
  const { app, close } = await openApp(apiUrl);
  try {
    await work(app);
  } finally {
    await close();
  }
};

const requireStripped = ({ inDatabase, leftAlone, remaining }: Stripping): void => {
  expect(remaining, 'teach tests/attack/strip-org-predicates.ts to strip these').toEqual([]);
  expect(inDatabase).toBeGreaterThan(50);
  expect(leftAlone, 'review what is new and add it to systemFunctions').toEqual(systemFunctions);
};
