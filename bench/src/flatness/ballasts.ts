import { readSql } from '../sql-file.ts';
import type { Ballast } from './ballast.ts';
import type { FlatnessSizes } from './sizes.ts';
import { payload, queue, type Stage } from './stage.ts';

const days = 10;

const statements = {
  makePastDays: readSql('./sql/make-past-days.sql', import.meta.url),
  fillDay: readSql('./sql/fill-day.sql', import.meta.url),
  makeNeighbours: readSql('./sql/make-neighbours.sql', import.meta.url),
  fillNeighbours: readSql('./sql/fill-neighbours.sql', import.meta.url),
};

/** What lies beside the jobs in the cases of flatness: more that wait, finished ones, barred ones and those of others. */
export const ballastsOf = (
  sizes: FlatnessSizes,
): Record<'waiting' | 'history' | 'barred' | 'orgs', Ballast> => {
  const { jobs, rounds, waiting, history, barred, orgs } = sizes;
  return {
    waiting: {
      name: `from the head of ${write(waiting.many)} waiting`,
      without: `${write(waiting.few)} waiting`,
      jobs: waiting.few,
      rounds: waiting.rounds,
      add: (stage) => stage.fill({ kind: 'noop' }, waiting.many),
    },
    history: {
      name: `with ${write(history)} finished in history`,
      without: 'history of this run alone',
      jobs,
      rounds,
      add: (stage) => fillHistory(stage, history),
    },
    barred: {
      name: `behind ${write(barred)} waiting that the worker may not take`,
      without: 'none that it may not take',
      jobs,
      rounds,
      add: async (stage) => {
        await stage.fill({ kind: 'noop', requiredCapabilities: ['gpu'] }, barred / 2);
        await stage.fill({ kind: 'other' }, barred / 2);
      },
    },
    orgs: {
      name: `of one org beside ${write(orgs.count)}`,
      without: 'one org alone',
      jobs,
      rounds,
      add: (stage) => fillNeighbours(stage, orgs),
    },
  };
};

const fillHistory = async ({ database: { pool }, orgId, routeOf }: Stage, jobs: number): Promise<void> => {
  const routeId = await routeOf({ kind: 'noop' });
  // Names of tables cannot be parameters: PostgreSQL quotes them itself.
  const { rows } = await pool.query<{ statement: string }>(statements.makePastDays, [days]);
  for (const { statement } of rows) await pool.query(statement);
  for (let day = 0; day < days; day++) {
    await pool.query(statements.fillDay, [orgId, routeId, jobs / days, day, payload]);
  }
};

const fillNeighbours = async (
  { database: { pool }, orgId }: Stage,
  { count, jobsEach }: FlatnessSizes['orgs'],
): Promise<void> => {
  await pool.query(statements.makeNeighbours, [count]);
  await pool.query(statements.fillNeighbours, [orgId, queue, jobsEach, payload]);
};

const write = (count: number): string => count.toLocaleString('en');
