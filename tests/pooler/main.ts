import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPgBouncer } from '@longshore/test-kit/processes';

// everything that speaks to the API, with a PgBouncer in transaction mode between the API and PostgreSQL.

const { values } = parseArgs({
  options: {
    /** Both ways, or one of them. */
    way: { type: 'string', default: 'listen,poll' },
    project: { type: 'string', default: 'api,conformance,end-to-end' },
  },
});
const ways = { listen: 'with a direct LISTEN', poll: 'by polling alone' } as const;

if (findPgBouncer() === undefined) {
  console.log(
    'PgBouncer in transaction mode: nothing ran, as PgBouncer is not installed: apt-get install pgbouncer',
  );
  process.exit(1);
}

const noTest = 'no test ran';

const isWay = (way: string): way is keyof typeof ways => way in ways;

/** Runs the suites and answers vitest's closing line for machines; see ci-reporter.ts of the test kit. */
const runSuites = async (way: keyof typeof ways): Promise<{ counts: string; isGreen: boolean }> => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const projects = values.project.split(',').flatMap((project) => ['--project', project]);
  const reporters = ['--reporter=default', '--reporter=./packages/test-kit/src/ci-reporter.ts'];
  const child = spawn(process.execPath, [vitest, 'run', ...projects, ...reporters], {
    cwd: root,
    env: { ...process.env, LONGSHORE_TEST_POOLER: way },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let counts: string = noTest;
  createInterface({ input: child.stdout }).on('line', (line) => {
    console.log(line);
    if (/^\d+ passed, \d+ failed/.test(line)) counts = line;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { counts, isGreen: code === 0 && counts !== noTest };
};

const lines: string[] = [];
for (const way of values.way.split(',').filter(isWay)) {
  const { counts, isGreen } = await runSuites(way);
  lines.push(`${ways[way]} ${counts}`);
  if (!isGreen) process.exitCode = 1;
}
console.log(`PgBouncer in transaction mode: ${lines.join('; ')}`);
