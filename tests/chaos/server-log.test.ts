import { expect, test } from 'vitest';
import { createServerLog } from './server-log.ts';

test('errors are counted by SQLSTATE, and those that no fault explains are kept', () => {
  const log = createServerLog();
  log.write('57P01|longshore-api|12|FATAL:  terminating connection\n40P01|longshore-api|13|ERR');
  log.write(
    'OR:  deadlock detected\n40P01|longshore-api|13|DETAIL:  Process 13 waits\n00000||1|LOG:  ready\n',
  );

  expect(Object.fromEntries(log.counts)).toEqual({ '57P01': 1, '40P01': 1 });
  expect(log.alarms).toEqual(['40P01|longshore-api|13|ERROR:  deadlock detected']);
});

test('a stranger without the password is counted, and is no fault of ours', () => {
  const log = createServerLog();
  log.write('28P01|[unknown]|12|FATAL:  password authentication failed for user "postgres"\n');
  expect(Object.fromEntries(log.counts)).toEqual({ '28P01': 1 });
  expect(log.alarms).toEqual([]);
});
