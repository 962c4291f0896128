import { setTimeout as delay } from 'node:timers/promises';
import type { ApiCluster } from '../processes/api-cluster.ts';
import { call } from '../processes/call.ts';

export interface RevocationRun {
  revocations: number;
  /** Revocations under way at a time. */
  inFlight: number;
  /** Between two tries of a revoked key. */
  probeMs: number;
}

/** Milliseconds from the answer to a revoke, sorted. */
export interface Latencies {
  /** Until the process that was asked to revoke refused the key. */
  refusalsThere: number[];
  /** Until each other process did. */
  refusalsElsewhere: number[];
  /** Until each claim that was parked with the key was answered. */
  parkedClaims: number[];
}

/**
 * Revokes workers whose claims are parked on every process. All by way of the first one: a process forgets all it knows of the
 * org when it revokes one of its keys itself, and would so spare the others the wait.
 */
export const measureRevocations = async (
  cluster: ApiCluster,
  { revocations, inFlight, probeMs }: RevocationRun,
): Promise<Latencies> => {
  const admin = await cluster.makeKey('admin');
  const [refusalsThere, refusalsElsewhere]: [number[], number[]] = [[], []];
  const parked: Promise<number>[] = [];
  let started = 0;

  const revokeNext = async (): Promise<void> => {
    while (started < revocations) {
      started += 1;
      const worker = await startWorker(cluster, admin);
      await mustSucceed(call(cluster.urls[0]!, admin, 'workers.revoke', { id: worker.id }));
      const revokedAtMs = performance.now();
      parked.push(...worker.claims.map(async (answered) => Math.max(0, (await answered) - revokedAtMs)));
      const refused = cluster.urls.map((url) => untilRefused(url, worker, probeMs));
      const [there, ...elsewhere] = (await Promise.all(refused)).map((atMs) => atMs - revokedAtMs);
      refusalsThere.push(there!);
      refusalsElsewhere.push(...elsewhere);
    }
  };

  await Promise.all(Array.from({ length: inFlight }, revokeNext));
  return {
    refusalsThere: sort(refusalsThere),
    refusalsElsewhere: sort(refusalsElsewhere),
    parkedClaims: sort(await Promise.all(parked)),
  };
};

interface RevocableWorker {
  id: string;
  apiKey: string;
  sessionId: string;
  /** When each parked claim was answered. */
  claims: Promise<number>[];
}

/** Every process knows its key and holds a claim of it by the time this resolves. */
const startWorker = async ({ urls }: ApiCluster, admin: string): Promise<RevocableWorker> => {
  const { id, apiKey } = (await mustSucceed(
    call(urls[0]!, admin, 'workers.register', { name: 'revoked' }),
  )) as { id: string; apiKey: string };
  const session = await mustSucceed(call(urls[0]!, apiKey, 'worker.openSession', { kinds: ['none'] }));
  const { sessionId } = session as { sessionId: string };
  const claims = urls.map(async (url) => {
    await call(url, apiKey, 'worker.claim', { sessionId, limit: 1, waitSeconds: 30 });
    return performance.now();
  });
  const beat = { sessionId, held: [] };
  await Promise.all(urls.map((url) => mustSucceed(call(url, apiKey, 'worker.heartbeat', beat))));
  return { id, apiKey, sessionId, claims };
};

const untilRefused = async (
  url: string,
  { apiKey, sessionId }: RevocableWorker,
  probeMs: number,
): Promise<number> => {
  for (;;) {
    const { status } = await call(url, apiKey, 'worker.heartbeat', { sessionId, held: [] });
    if (status === 401) return performance.now();
    await delay(probeMs);
  }
};

const mustSucceed = async (calling: ReturnType<typeof call>): Promise<unknown> => {
  const { status, data } = await calling;
  if (status === 200) return data;
  throw new Error(`a call was answered ${status}: ${JSON.stringify(data)}`);
};

const sort = (values: number[]): number[] => values.toSorted((a, b) => a - b);
