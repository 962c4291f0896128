import { expect, test } from 'vitest';
import { steerClock } from './steer-clock.ts';
import { useDatabase } from './use-database.ts';

const database = useDatabase();
const clock = steerClock(database);

test('a jump is seen at once by a connection that was open before', async () => {
  const early = await database.connect();
  const readNow = async (): Promise<Date> => (await early.query('select longshore.now() as now')).rows[0].now;
  const before = await readNow();

  await clock.advance(3_600);
  expect((await readNow()).getTime()).toBeGreaterThanOrEqual(before.getTime() + 3_600_000);

  await clock.set(new Date('2031-05-06T07:08:09Z'));
  expect((await readNow()).toISOString()).toMatch(/^2031-05-06T07:/);
});
