import { eventually, useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FrozenClock, freezeClock } from '../../model/frozen-clock.ts';
import { countDeadlocks } from '../use-arena.ts';
import { type RaceOptions, racesOf, runRace } from './race.ts';
import { raceVerbs } from './verbs.ts';

const database = useDatabase();
let clock: FrozenClock;
let options: RaceOptions;
beforeAll(async () => {
  clock = await freezeClock(database);
  options = {
    database,
    clock,
    clients: [await database.connect(), await database.connect()],
    untilBlocked: async (pid) => {
      const waits = () => database.query('select from pg_locks where pid = $1 and not granted', [pid]);
      await eventually(async () => (await waits()).length > 0, { pollMs: 2 });
    },
  };
});

let cases = 0;
afterAll(() => console.log(`race matrix: ${cases} races`));

describe('B-41: two verbs on one job, one after or while the other (R-20), end as if in turn', () => {
  test.each(Object.keys(raceVerbs))('%s', { timeout: 300_000 }, async (first) => {
    const faults: string[] = [];
    for (const race of racesOf(first)) {
      const { isRun, fault } = await runRace(options, race);
      if (isRun) cases += 1;
      if (fault) faults.push(`${race.start}: ${first}, and ${race.timing} it ${race.second}: ${fault}`);
    }
    expect(faults).toEqual([]);
    expect(await countDeadlocks(database)).toBe(0);
  });
});

/** They make jobs, or change what no claim has seen yet: there is nothing to race for. */
const makers = ['submit', 'submit_many', 'submit_and_claim', 'insert_new_jobs'];
/** Inner parts, by which the verbs above do their work. */
const parts = ['claim_from_lane', 'claim_within_limits'];

test('every SQL function that changes a job is one of the verbs of the matrix, or part of one', async () => {
  const rows = await database.query<{ name: string; source: string }>(
    `select proname as name, prosrc as source from pg_proc where pronamespace = 'longshore'::regnamespace`,
  );
  const writes = /(update|delete from|insert into) longshore\.(jobs|finished_jobs)\b/;
  const changing = new Set(rows.filter(({ source }) => writes.test(source)).map(({ name }) => name));
  const calls = (source: string, name: string) => source.includes(`longshore.${name}(`);
  for (let size = -1; size !== changing.size; ) {
    size = changing.size;
    for (const { name, source } of rows)
      if ([...changing].some((called) => calls(source, called))) changing.add(name);
  }
  const isPart = (name: string): boolean =>
    rows.some(({ name: by, source }) => by !== name && calls(source, name));
  const covered = Object.values(raceVerbs).flatMap(({ functions }) => functions);
  const doors = [...changing].filter(
    (name) => !isPart(name) && !makers.includes(name) && !parts.includes(name),
  );
  expect(doors.filter((name) => !covered.includes(name))).toEqual([]);
  expect(covered.filter((name) => !changing.has(name))).toEqual([]);
});
