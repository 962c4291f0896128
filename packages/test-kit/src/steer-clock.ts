import type { TestDatabase } from './test-database.ts';

export interface SteeredClock {
  /** Jumps ahead, for every connection at once. The clock goes on ticking from there. */
  advance(seconds: number): Promise<void>;
  /** Jumps to an instant, which may be in the past. */
  set(instant: Date): Promise<void>;
}

/** Takes over `longshore.now()` in one test database, from the first jump on. */
export const steerClock = (database: Pick<TestDatabase, 'query'>): SteeredClock => {
  let installed: Promise<unknown> | undefined;
  const jump = async (sql: string, to: unknown): Promise<void> => {
    installed ??= database.query(steerableNow);
    await installed;
    await database.query(sql, [to]);
    await database.query('select longshore.ensure_partitions()');
  };
  return {
    advance: (seconds) =>
      jump('update longshore_test.clock set ahead = ahead + make_interval(secs => $1)', seconds),
    set: (instant) =>
      jump('update longshore_test.clock set ahead = $1::timestamptz - clock_timestamp()', instant),
  };
};

const steerableNow = `
  create schema longshore_test;
  create table longshore_test.clock (ahead interval not null);
  insert into longshore_test.clock values ('0');
  grant usage on schema longshore_test to public;
  grant select on longshore_test.clock to public;
  create or replace function longshore.now() returns timestamptz language sql volatile parallel safe
  as 'select clock_timestamp() + ahead from longshore_test.clock';
`;
