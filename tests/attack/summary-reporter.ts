import type { Reporter, TestModule } from 'vitest/node';
import type { Line } from './note.ts';

const columns = [
  'suite',
  'procedures',
  'routes',
  'functions',
  'principals',
  'cases',
  'leaks',
  'writes',
] as const;

/** Ends a run of the attack suites with a table of what was tried and what came of it. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test) => test.meta().attack ?? []),
    );
    // Other reporters still write after this; the table is to stand at the end.
    process.once('exit', () => console.log(renderTable(mergeLines(lines))));
  }
}

/** A line a suite: counts add up, the same attackers come again. */
const mergeLines = (lines: Line[]): Line[] =>
  [...Map.groupBy(lines, ({ suite }) => suite).values()].map((same) => {
    const merged = { ...same[0]! };
    for (const column of columns) {
      if (column === 'suite' || merged[column] === undefined) continue;
      const counts = same.map((line) => line[column] ?? 0);
      merged[column] =
        column === 'principals' ? Math.max(...counts) : counts.reduce((sum, count) => sum + count, 0);
    }
    return merged;
  });

const renderTable = (lines: Line[]): string => {
  const sum = (column: 'cases' | 'leaks' | 'writes'): number =>
    lines.reduce((total, line) => total + line[column], 0);
  const total = { suite: 'total', cases: sum('cases'), leaks: sum('leaks'), writes: sum('writes') };
  const rows = [
    columns,
    ...[...lines, total].map((line) => columns.map((column) => line[column as keyof typeof line] ?? '')),
  ];
  const widths = columns.map((_, place) => Math.max(...rows.map((row) => String(row[place]).length)));
  return rows
    .map((row) =>
      row
        .map((cell, place) =>
          place === 0 ? String(cell).padEnd(widths[place]!) : String(cell).padStart(widths[place]!),
        )
        .join('  '),
    )
    .join('\n');
};
