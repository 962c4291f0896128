import { useDatabase } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { renderFuzz } from './render-fuzz.ts';
import { runFuzz } from './run-fuzz.ts';

const database = useDatabase();

/** A number to start from that differs from run to run; a failure names it. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const cases = Number(process.env.FUZZ_CASES ?? 100_000);

test('S-10: whatever is sent, the API and the SQL door answer in their own words', {
  timeout: 900_000,
}, async () => {
  const report = await runFuzz({ databaseUrl: database.url, apiUrl: database.apiUrl, cases, seed });
  console.log(renderFuzz(report));
  expect(report.failures.map(({ name, fault }) => `${name}: ${fault}`)).toEqual([]);
  expect(report.unhandledRejections).toBe(0);
  expect(report.cases).toBeGreaterThanOrEqual(cases);
  // How long the event loop is held up is told, not judged: beside other work it says more of the machine than of the API.
  expect(report.heapMbs.at(-1)! - report.heapMbs[0]!).toBeLessThanOrEqual(100);
});
