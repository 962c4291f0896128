import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Ends the output of a run with one line for machines: `12 passed, 0 failed`, and `, 2 skipped` when some were.
 * A file that could not be loaded and an error outside of any test count as a failure each.
 */
export default class CiReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) countTests(module, counts);
    // Other reporters and the global teardown still write after this; the line must be the last.
    process.once('exit', () => console.log(closingLine(counts)));
  }
}

const countTests = (module: TestModule, counts: Counts): void => {
  const tests = [...module.children.allTests()];
  if (tests.length === 0 && module.state() === 'failed') counts.failed++;
  for (const test of tests) counts[nameOfState[test.result().state]]++;
};

// A test that never ran, because its file's hooks failed or the run was interrupted, is no success.
const nameOfState = { passed: 'passed', failed: 'failed', pending: 'failed', skipped: 'skipped' } as const;

const closingLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
