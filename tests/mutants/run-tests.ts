import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** How a run of tests ended. */
export type Verdict =
  | { type: 'green' }
  /** The first test that failed, as `file > name`, and why. */
  | { type: 'red'; test: string; reason: string }
  /** Not one test failed, and yet the run did: a bug that does not even start proves nothing. */
  | { type: 'broken'; detail: string }
  | { type: 'late' };

/** What is read of vitest's JSON report. */
interface Report {
  testResults: {
    name: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

const goodbyeMs = 10_000;

/** Runs test files of a workspace until the first failure. */
export const runTests = async (
  folder: string,
  tests: readonly string[],
  timeoutMs: number,
): Promise<Verdict> => {
  const reportFile = join(folder, 'mutant-report.json');
  rmSync(reportFile, { force: true });
  const { code, isLate, said } = await runVitest(
    folder,
    [...tests, ...optionsFor(tests, reportFile)],
    timeoutMs,
  );
  if (isLate) return { type: 'late' };
  const report = existsSync(reportFile) ? (JSON.parse(readFileSync(reportFile, 'utf8')) as Report) : null;
  const failure = report && firstFailure(report, folder);
  if (failure) return { type: 'red', ...failure };
  if (code === 0) return { type: 'green' };
  const messages = report?.testResults.map(({ message }) => message).filter(Boolean) ?? [];
  return { type: 'broken', detail: messages.join('\n') || said.slice(-2_000) };
};

const optionsFor = (tests: readonly string[], reportFile: string): string[] => {
  // Projects are named for the second part of their folder; see vitest.config.ts.
  const projects = [...new Set(tests.map((file) => file.split('/')[1]!))];
  return [
    ...projects.map((project) => `--project=${project}`),
    '--bail=1',
    '--reporter=json',
    `--outputFile=${reportFile}`,
  ];
};

const runVitest = async (
  folder: string,
  options: string[],
  timeoutMs: number,
): Promise<{ code: number | null; isLate: boolean; said: string }> => {
  const { DATABASE_URL: _, ...env } = process.env;
  // Without DATABASE_URL each run has a server of its own: no broken schema is left on somebody's.
  const child = spawn(process.execPath, [join(folder, 'node_modules/vitest/vitest.mjs'), 'run', ...options], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const listen = (chunk: Buffer): void => {
    said = (said + chunk).slice(-10_000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  let isLate = false;
  const timers = [
    setTimeout(() => {
      isLate = true;
      child.kill('SIGTERM');
    }, timeoutMs),
    setTimeout(() => child.kill('SIGKILL'), timeoutMs + goodbyeMs),
  ];
  await once(child, 'close');
  for (const timer of timers) clearTimeout(timer);
  return { code: child.exitCode, isLate, said };
};

const firstFailure = (
  { testResults }: Report,
  folder: string,
): { test: string; reason: string } | undefined => {
  for (const { name, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    if (failed) {
      const test = `${name.replace(`${folder}/`, '')} > ${failed.fullName}`;
      return { test, reason: failed.failureMessages?.join('\n') ?? '' };
    }
  }
  return undefined;
};
