import { expect, test } from 'vitest';
import { type ProcessStat, parseBusyTicks, parseProcessStat, sumTicks, treeOf } from './processes.ts';

const statLine = (
  pid: number,
  command: string,
  parentPid: number,
  ticks: [number, number, number, number],
): string =>
  `${pid} (${command}) S ${parentPid} 1 1 0 -1 4194304 97 0 0 0 ${ticks.join(' ')} 20 0 1 0 2195378 3133440 361`;

test('the time of children that have ended belongs to their parent', () => {
  expect(parseProcessStat(statLine(7, 'postgres', 3, [100, 20, 3_000, 400]))).toEqual({
    pid: 7,
    command: 'postgres',
    parentPid: 3,
    ticks: 3_520,
  });
});

test('a command with blanks and brackets does not shift the fields', () => {
  const stat = parseProcessStat(statLine(7, 'a (b) c) 9', 3, [1, 2, 3, 4]));

  expect(stat).toEqual({ pid: 7, command: 'a (b) c) 9', parentPid: 3, ticks: 10 });
});

test('the machine is busy with programs and the kernel, not with interrupts and waiting', () => {
  expect(parseBusyTicks('cpu  1000 200 30 99999 88888 77777 66666 55555 0 0\ncpu0 1 1 1 1\n')).toBe(1_230);
});

test('a tree holds the descendants of its roots and nobody else', () => {
  const processOf = (pid: number, parentPid: number): ProcessStat => ({
    pid,
    parentPid,
    command: '',
    ticks: pid,
  });
  const processes = [processOf(4, 3), processOf(1, 0), processOf(3, 2), processOf(2, 1), processOf(9, 1)];

  const tree = treeOf(processes, [2, 4]);

  expect(tree.map(({ pid }) => pid).sort()).toEqual([2, 3, 4]);
  expect(sumTicks(tree)).toBe(9);
});
