import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startApiCluster } from '../processes/api-cluster.ts';
import { renderFrames, runFrames } from './run-frames.ts';

const readResidentMbMax = (pid: number): string => {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  const kb = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return kb === undefined ? 'unknown' : `${Math.round(Number(kb) / 1_024)} MB`;
};

/**
 * `npm run test:frames -- --frames 100000 --seed 7`: malformed WebSocket frames, before and after a registration, against an API
 * process of its own. Ends with 1 when a socket was not closed as documented or the process died.
 */
const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const cluster = await startApiCluster({
  processes: 1,
  env: { LONGSHORE_LOG_LEVEL: 'silent', LONGSHORE_FAILED_AUTH_PER_MINUTE: '0' },
});
try {
  const { apiKey: workerKey } = await cluster.makeWorker();
  const startedAtMs = performance.now();
  const report = await runFrames({
    url: cluster.urls[0]!,
    workerKey,
    frames: Number(values.frames),
    seed,
    onProgress: (frames) => process.stderr.write(`\r${frames} `),
  });
  process.stderr.write('\r');
  for (const fault of report.faults.slice(0, 20)) console.log(fault);
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
  console.log(
    `${renderFrames(report)}; ${readResidentMbMax(cluster.pids[0]!)} resident at most; ${seconds} s, seed ${seed}`,
  );
  if (report.faults.length > 0 || !report.isAlive) process.exitCode = 1;
} finally {
  await cluster.stop();
}
