import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const seed = process.env.LONGSHORE_CHAOS_SEED ?? String(Date.now() % 1_000_000);

/** Runs until all is judged; what it says at the end comes back, how it gets on is printed as it goes. */
const runCiTier = async (signal: AbortSignal): Promise<{ code: number | null; report: string }> => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--tier', 'ci', '--seed', seed], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  let report = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    report += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, report };
};

// What the report says of time is for the reader: a promise is judged here, not a machine.
test('no fault loses a job, ends one twice, gives two an epoch or leaves one without a lease', {
  timeout: 900_000,
}, async ({ signal }) => {
  const { code, report } = await runCiTier(signal);
  console.log(report);
  expect(code, `replay: npm run test:chaos -- --tier ci --seed ${seed}\n${report}`).toBe(0);
});
