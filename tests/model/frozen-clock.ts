import type { TestDatabase } from '@longshore/test-kit';

/** Time that stands still in one test database, for every connection, until it is moved. */
export interface FrozenClock {
  advance(seconds: number): Promise<void>;
}

/** Takes over `longshore.now()`. A model can foretell what happens at an instant only when there is just one. */
export const freezeClock = async (database: Pick<TestDatabase, 'query'>): Promise<FrozenClock> => {
  await database.query(frozenNow);
  return {
    advance: async (seconds) => {
      await database.query('update longshore_test.frozen set at = at + make_interval(secs => $1)', [seconds]);
    },
  };
};

const frozenNow = `
  create schema longshore_test;
  create table longshore_test.frozen (at timestamptz not null);
  insert into longshore_test.frozen values (date_trunc('second', now()));
  grant usage on schema longshore_test to public;
  grant select on longshore_test.frozen to public;
  create or replace function longshore.now() returns timestamptz language sql volatile parallel safe
  as 'select at from longshore_test.frozen';
`;
