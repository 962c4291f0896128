import { fileURLToPath } from 'node:url';
import { eventually } from '@longshore/test-kit/processes';
import type { Caller } from './caller.ts';
import { openStage, type Stage } from './stage.ts';

export interface UpgradeOptions {
  /** A role that may create databases and roles. */
  adminUrl: string;
  /** Folder of the release that runs before. */
  from: string;
  /** The schema that is migrated to; default: that of the working tree. */
  schema?: { folder: string; version: string } | undefined;
  jobsPerSecond: number;
  /** Jobs that are completed between two steps. */
  jobsPerStep: number;
}

export interface UpgradeReport {
  stored: number;
  /** Jobs that were stored and were not completed within a minute. */
  missing: number;
  /** What no client sends again after: the caller's and the workers'. */
  refusals: string[];
  /** How often the caller had to send again, by reason. */
  retried: Record<string, number>;
  /** Each relation that was locked against readers or writers, and for how many milliseconds. */
  locksMs: Record<string, number>;
}

const workingTree = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A rolling upgrade while jobs are submitted and worked on: an API and a worker of the old release run, the migrator of the new
 * one comes, an API and a worker of the new one join, and the old API goes. On a database of its own.
 */
export const upgrade = async (options: UpgradeOptions): Promise<UpgradeReport> => {
  const { from, schema, jobsPerSecond, jobsPerStep } = options;
  const stage = await openStage(options.adminUrl, from);
  try {
    const old = await stage.startApi(from);
    stage.balancer.send([old]);
    await stage.startWorker(from);
    const caller = stage.startCaller(jobsPerSecond);
    await stage.untilCompleted(jobsPerStep);
    const locks = await stage.migrate(schema);
    await stage.untilCompleted(jobsPerStep);
    const young = await stage.startApi(workingTree);
    stage.balancer.send([old, young]);
    await stage.startWorker(workingTree);
    await stage.untilCompleted(jobsPerStep);
    stage.balancer.send([young]);
    await stage.endApi(old);
    await stage.untilCompleted(jobsPerStep);
    await caller.stop();
    return await makeReport(stage, caller, locks);
  } finally {
    await stage.close();
  }
};

const makeReport = async (
  stage: Stage,
  caller: Caller,
  locks: Map<string, number>,
): Promise<UpgradeReport> => {
  const ids = [...caller.stored];
  const isAllDone = async (): Promise<boolean> => (await stage.countMissing(ids)) === 0;
  await eventually(isAllDone, { timeoutMs: 60_000, pollMs: 200 }).catch(() => {});
  return {
    stored: ids.length,
    missing: await stage.countMissing(ids),
    refusals: [...caller.refusals, ...stage.refusals],
    retried: Object.fromEntries(caller.retried),
    locksMs: Object.fromEntries([...locks].map(([relation, ms]) => [relation, Math.round(ms)])),
  };
};
