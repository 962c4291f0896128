import { expect, test } from 'vitest';
import { findNumberedTests, readBugList } from './read-bug-list.ts';

const rows = readBugList();
const numbered = findNumberedTests();

test('the table of docs/reliability.md names B-01 to B-60, each once and in order', () => {
  const all = Array.from({ length: 60 }, (_, place) => `B-${String(place + 1).padStart(2, '0')}`);
  expect(rows.map(({ bug }) => bug)).toEqual(all);
});

test.each(rows)(
  '$bug is seen by the tests that its row names, or its row says why it cannot apply',
  (row) => {
    const { bug, files, reason } = row;
    expect(files.length > 0).toBe(reason === undefined);
    expect(files.filter((file) => !numbered.get(file)?.has(bug))).toEqual([]);
  },
);

test('every test with a number of the table stands in its row', () => {
  const unnamed = [...numbered].flatMap(([file, bugs]) =>
    rows
      .filter(({ bug, files }) => bugs.has(bug) && !files.includes(file))
      .map(({ bug }) => `${bug} ${file}`),
  );
  expect(unnamed).toEqual([]);
});
