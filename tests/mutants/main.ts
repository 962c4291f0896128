import { parseArgs } from 'node:util';
import { mutants } from './all-mutants.ts';
import type { Mutant } from './mutant.ts';
import { runTests, type Verdict } from './run-tests.ts';
import { copyWorkspace, type WorkspaceCopy } from './workspace-copy.ts';

/** A bug must be found within this time. */
const timeoutMs = 600_000;

/**
 * `npm run test:mutants -- --only NAME,NAME`: breaks a copy of the workspace in one place after the other and expects the
 * tests named for it to turn red. `--list` only says what there is. Ends with the line `mutants: N of N caught`, and with 1
 * when one was not.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean' } } });
  const chosen = chooseMutants(values.only?.split(','));
  if (values.list) {
    for (const { name, breaks, tests } of chosen) console.log(`${name}: ${breaks} (${tests.join(', ')})`);
    return;
  }
  const copy = copyWorkspace();
  process.once('exit', copy.remove);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

  await requireGreen(copy, chosen);
  const missed: string[] = [];
  for (const mutant of chosen) {
    if (!(await isCaught(copy, mutant))) missed.push(mutant.name);
  }
  if (missed.length > 0) console.log(`not caught: ${missed.join(', ')}`);
  console.log(`mutants: ${chosen.length - missed.length} of ${chosen.length} caught`);
  if (missed.length > 0) process.exitCode = 1;
};

const chooseMutants = (names: string[] | undefined): Mutant[] => {
  const unknown = names?.filter((name) => !mutants.some((mutant) => mutant.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`There is no mutant ${unknown.join(', ')}; --list names them.`);
  return mutants.filter(({ name }) => names?.includes(name) ?? true);
};

/** Tests that are red without a bug would seem to catch every one. */
const requireGreen = async (copy: WorkspaceCopy, chosen: readonly Mutant[]): Promise<void> => {
  const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
  const verdict = await runTests(copy.folder, tests, 2 * timeoutMs);
  if (verdict.type === 'red')
    throw new Error(`Red before anything is broken: ${verdict.test}\n${verdict.reason}`);
  if (verdict.type !== 'green') throw new Error(`Before anything is broken: ${tell(verdict)}`);
  console.log(`${tests.length} test files are green before anything is broken`);
};

const isCaught = async (copy: WorkspaceCopy, mutant: Mutant): Promise<boolean> => {
  const startedAtMs = performance.now();
  const verdict = await copy.whileBroken(mutant, async () => {
    const first = await runTests(copy.folder, mutant.tests, timeoutMs);
    // On a busy machine a run may fail before its tests begin; a bug that keeps them from it does so again.
    return first.type === 'broken' ? runTests(copy.folder, mutant.tests, timeoutMs) : first;
  });
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(0);
  console.log(`${mutant.name}: ${tell(verdict)} (${seconds} s)`);
  return verdict.type === 'red';
};

const tell = (verdict: Verdict): string => {
  switch (verdict.type) {
    case 'red':
      return `caught by ${verdict.test}`;
    case 'green':
      return 'NOT CAUGHT: every test passed';
    case 'broken':
      return `NOT CAUGHT: no test failed, yet the run did: ${verdict.detail}`;
    case 'late':
      return 'NOT CAUGHT: still running at the time limit';
  }
};

await main();
