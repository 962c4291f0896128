import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countDeadlocks } from '../use-arena.ts';
import { nameOf, runRaces } from './race.ts';
import { starts } from './starts.ts';
import { openTheatre, type Theatre } from './theatre.ts';
import { raceVerbs } from './verbs.ts';

const database = useDatabase();
let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre(database);
});

let cases = 0;
afterAll(() => console.log(`race matrix: ${cases} races`));

describe('B-41: two verbs on one job, one after or while the other (R-20), end as if in turn', () => {
  const raced = new Set<string>();

  test.each(Object.keys(starts))('%s', { timeout: 300_000 }, async (start) => {
    const verdicts = await runRaces(theatre, start);
    cases += verdicts.length;
    for (const { race } of verdicts) raced.add(race.first);
    const faulty = verdicts.filter(({ fault }) => fault !== undefined);
    expect(faulty.map(({ race, fault }) => `${nameOf(race)}: ${fault}`)).toEqual([]);
    expect(await countDeadlocks(database)).toBe(0);
  });

  test('no verb of the list is left out', () => {
    expect([...raced].toSorted()).toEqual(Object.keys(raceVerbs).toSorted());
  });
});

/** They make jobs, or change what no claim has seen yet: there is nothing to race for. */
const makers = ['submit', 'submit_many', 'submit_and_claim', 'insert_new_jobs'];
/** Inner parts, by which the verbs above do their work. */
const parts = ['claim_from_lane', 'claim_within_limits'];
/** They take away history that is older than any race here; see removed-history.test.ts. */
const removers = ['trim_queue'];

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
    (name) => !isPart(name) && ![...makers, ...parts, ...removers].includes(name),
  );
  expect(doors.filter((name) => !covered.includes(name))).toEqual([]);
  expect(covered.filter((name) => !changing.has(name))).toEqual([]);
});
