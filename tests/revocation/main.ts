import { parseArgs } from 'node:util';
import { startTcpProxy, type TcpProxy, targetAt } from '@longshore/test-kit/processes';
import { startApiCluster } from '../processes/api-cluster.ts';
import { type Latencies, measureRevocations } from './measure-revocations.ts';
import { quantile, renderLatencies } from './render-latencies.ts';

// S-07: how long after the answer to a revoke does every API process refuse the key, with LISTEN and without.

const { values } = parseArgs({ options: { revocations: { type: 'string', default: '1000' } } });
const revocations = Number(values.revocations);
const p99MsMax = 1_000;
const cutMsMax = 5_000;

/** Between the API processes and the database they listen on. */
let listenLine: TcpProxy | undefined;
const cluster = await startApiCluster({
  processes: 2,
  env: async (databaseUrl) => {
    listenLine = await startTcpProxy({ pickTarget: () => targetAt(databaseUrl) });
    return {
      LONGSHORE_LISTEN_DATABASE_URL: listenLine.through(databaseUrl),
      LONGSHORE_LOG_LEVEL: 'silent',
    };
  },
});

const listenersOf = (): Promise<string[]> =>
  Promise.all(
    cluster.urls.map(async (url) => {
      const readiness = (await (await fetch(`${url}/health/ready`)).json()) as { listener: string };
      return readiness.listener;
    }),
  );

const untilListeners = async (state: 'attached' | 'detached'): Promise<void> => {
  while ((await listenersOf()).some((listener) => listener !== state));
};

/** A run whose listeners did not stay as they should be is no measurement. */
const measureWhile = async (
  state: 'attached' | 'detached',
  pace: { inFlight: number; probeMs: number },
): Promise<Latencies> => {
  await untilListeners(state);
  const latencies = await measureRevocations(cluster, { revocations, ...pace });
  const listeners = await listenersOf();
  if (listeners.some((listener) => listener !== state)) throw new Error(`listeners: ${listeners.join(', ')}`);
  return latencies;
};

let isFine = false;
try {
  const attached = await measureWhile('attached', { inFlight: 8, probeMs: 10 });
  listenLine!.cut();
  const detached = await measureWhile('detached', { inFlight: 32, probeMs: 50 });
  process.stdout.write(
    `${revocations} revocations each over ${cluster.urls.length} API processes, ms from the answer of the revoke\n` +
      renderLatencies([
        ['LISTEN on: refused there', attached.refusalsThere],
        ['LISTEN on: refused elsewhere', attached.refusalsElsewhere],
        ['LISTEN on: parked claim answered', attached.parkedClaims],
        ['LISTEN cut: refused there', detached.refusalsThere],
        ['LISTEN cut: refused elsewhere', detached.refusalsElsewhere],
        ['LISTEN cut: parked claim answered', detached.parkedClaims],
      ]) +
      `bars: p99 ${p99MsMax} ms with LISTEN on, ${cutMsMax} ms at most with LISTEN cut, for the refusals\n`,
  );
  const { refusalsThere, refusalsElsewhere } = attached;
  isFine =
    [refusalsThere, refusalsElsewhere].every((refusals) => quantile(refusals, 0.99) <= p99MsMax) &&
    [detached.refusalsThere, detached.refusalsElsewhere].every(
      (refusals) => quantile(refusals, 1) <= cutMsMax,
    );
} finally {
  await listenLine?.close();
  await cluster.stop();
}
process.exit(isFine ? 0 : 1);
