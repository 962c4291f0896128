import { useApi } from '@longshore/test-kit';
import { expect, test } from 'vitest';
import { renderFrames, runFrames } from './run-frames.ts';

const api = useApi({ env: { LONGSHORE_LOG_LEVEL: 'silent', LONGSHORE_FAILED_AUTH_PER_MINUTE: '0' } });

/** A number to start from that differs from run to run; a failure names it. */
const seed = Number(process.env.FRAMES_SEED ?? Date.now() % 1_000_000);

test('malformed frames end their own socket at most, with the documented code', {
  timeout: 300_000,
}, async () => {
  const report = await runFrames({ url: api.url, workerKey: api.keys.worker, frames: 4_000, seed });
  console.log(`${renderFrames(report)} (seed ${seed})`);
  expect(report.faults).toEqual([]);
  expect(report.isAlive).toBe(true);
});
