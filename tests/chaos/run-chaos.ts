import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { checkAudit } from './admin-acts.ts';
import { checkOrg, type OrgCount, type Violation } from './checker.ts';
import { type FaultRecord, performSchedule } from './faults/perform.ts';
import type { StaleFinishes } from './ghosts.ts';
import { readLedger } from './ledger.ts';
import { type LoadOutcome, startLoad } from './load.ts';
import { findAlarms } from './process-logs.ts';
import { readRows } from './read-rows.ts';
import { createRecoveryBook, type Recovery } from './recovery.ts';
import { makeSchedule } from './schedule.ts';
import { type ChaosOrg, openSite, type Site } from './site.ts';
import type { Story } from './story.ts';
import type { Tier } from './tiers.ts';

export interface ChaosReport {
  tier: Tier;
  seed: number;
  seconds: number;
  faults: FaultRecord[];
  counts: Record<string, OrgCount>;
  violations: Violation[];
  /** Broken promises that are about no single job. */
  troubles: string[];
  /** The jobs of the first violations. */
  offenders: Story[];
  staleFinishes: StaleFinishes;
  /** Errors in the log of PostgreSQL by SQLSTATE. */
  sqlStates: Record<string, number>;
  /** From the last fault until every job was final; undefined when that never came. */
  quiesceMs: number | undefined;
  /** The longest that this process was kept from running while the load was on, and with it likely everybody. */
  stallMs: number;
  recovery: Recovery;
  /** Where data, ledger and logs were kept; undefined after a clean run. */
  home: string | undefined;
}

const offendersMax = 10;

/** A whole run: load and faults, then calm until every job is final, then the judgement. */
export const runChaos = async (
  tier: Tier,
  seed: number,
  say: (line: string) => void,
): Promise<ChaosReport> => {
  const startedAtMs = performance.now();
  const site = await openSite(tier, seed);
  const stalls = monitorEventLoopDelay();
  let isKept = true;
  try {
    say(`${tier.name} tier, seed ${seed}: everything is up`);
    stalls.enable();
    const schedule = makeSchedule(tier, seed);
    const load = startLoad(site, schedule.endsAtMs, seed);
    const faults = await performSchedule(site, schedule);
    say(`${faults.length} faults done, waiting for calm`);
    await site.untilAllReady();
    const quiesceMs = await load.settle();
    say(quiesceMs === undefined ? 'some jobs never became final' : 'every job is final, checking');
    stalls.disable();
    const stallMs = stalls.max / 1e6;
    const judgement = await judge(site, { faults, stallMs, load: await load.outcome });
    isKept = judgement.violations.length + judgement.troubles.length > 0 || quiesceMs === undefined;
    return {
      tier,
      seed,
      faults,
      quiesceMs,
      stallMs,
      ...judgement,
      seconds: (performance.now() - startedAtMs) / 1_000,
      home: isKept ? site.home : undefined,
    };
  } finally {
    await site.close({ isKept });
  }
};

type Judgement = Pick<
  ChaosReport,
  'counts' | 'violations' | 'troubles' | 'offenders' | 'staleFinishes' | 'sqlStates' | 'recovery'
>;

interface Evidence extends Pick<ChaosReport, 'faults' | 'stallMs'> {
  load: LoadOutcome;
}

const judge = async (site: Site, { faults, stallMs, load }: Evidence): Promise<Judgement> => {
  await site.endWorkers();
  const counts: Judgement['counts'] = {};
  const violations: Violation[] = [];
  const offenders: Story[] = [];
  const logged = findAlarms(join(site.home, 'logs'));
  const troubles = [
    ...load.unleased,
    ...load.refusals,
    ...site.surprises,
    ...site.postgres.log.alarms,
    ...logged,
  ];
  const book = createRecoveryBook();
  // One org at a time: a million jobs and all that was written about them need not be in memory at once.
  for (const [place, org] of site.orgs.entries()) {
    const rows = await readRows(site.postgres.url, org.id);
    const checked = checkOrg(await readLedger(org.ledgerFolder), rows, stallMs);
    counts[org.slug] = checked.count;
    violations.push(...checked.violations);
    offenders.push(...pickOffenders(checked, offendersMax - offenders.length));
    troubles.push(...(await checkAudit(site, org, load.acts[place]!)), ...(await findForeigners(site, org)));
    book.add(rows);
  }
  const pids = await readPids(site);
  return {
    counts,
    violations,
    offenders,
    troubles,
    staleFinishes: load.staleFinishes,
    sqlStates: Object.fromEntries(site.postgres.log.counts),
    recovery: book.measure(faults, (sessionId) => pids.get(sessionId)),
  };
};

const pickOffenders = (
  { violations, stories }: { violations: Violation[]; stories: Story[] },
  max: number,
): Story[] => {
  const keys = new Set(violations.map(({ key }) => key));
  return stories.filter(({ key }) => keys.has(key)).slice(0, max);
};

/** Jobs that another org submitted, and sessions that ended and still owe jobs. */
const findForeigners = async (site: Site, { id, slug }: ChaosOrg): Promise<string[]> => {
  const [row] = await site.observe<{ foreign: number; owing: number }>(
    `select
       (select count(*) from longshore.all_jobs where org_id = $1 and external_id not like $2)::int as foreign,
       (select count(*) from longshore.worker_sessions where org_id = $1 and has_jobs_left)::int as owing`,
    [id, `${slug}-%`],
  );
  return [
    ...(row!.foreign > 0 ? [`${row!.foreign} jobs of other orgs stand with ${slug}`] : []),
    ...(row!.owing > 0 ? [`${row!.owing} ended sessions of ${slug} still owe jobs`] : []),
  ];
};

const readPids = async (site: Site): Promise<Map<string, number>> => {
  const rows = await site.observe<{ id: string; pid: number }>(
    'select id, pid from longshore.worker_sessions where pid is not null',
  );
  return new Map(rows.map(({ id, pid }) => [id, pid]));
};
