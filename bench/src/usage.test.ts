import { expect, test } from 'vitest';
import { cpuSecondsBetween, sumMemoryMib } from './usage.ts';

const processOf = (pid: number, ticks: number) => ({ pid, ticks, parentPid: 1, command: '' });

test('a process that ended between two looks is counted by what its parent was charged for it', () => {
  const before = [processOf(1, 100), processOf(2, 50)];
  const after = [processOf(1, 100 + 80)];

  expect(cpuSecondsBetween(before, after)).toBeCloseTo(0.3);
});

test('memory that processes share is counted once', () => {
  const status = (anonKib: number, sharedKib: number): string =>
    `Name:\tpostgres\nVmRSS:\t  999999 kB\nRssAnon:\t   ${anonKib} kB\nRssFile:\t  5000 kB\nRssShmem:\t  ${sharedKib} kB\n`;

  expect(sumMemoryMib([status(1_024, 2_048), status(3_072, 10_240)])).toBe(14);
  expect(sumMemoryMib([])).toBe(0);
});
