import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../races/random.ts';
import { type AdminActs, act, checkAudit } from './admin-acts.ts';
import { checkOrg, type OrgCount, type Violation } from './checker.ts';
import { type FaultRecord, performSchedule } from './faults/perform.ts';
import { haunt, type StaleFinishes } from './ghosts.ts';
import { readLedger } from './ledger.ts';
import { findAlarms } from './process-logs.ts';
import { readRows } from './read-rows.ts';
import { createRecoveryBook, type Recovery } from './recovery.ts';
import { makeSchedule } from './schedule.ts';
import { type ChaosOrg, openSite, type Site } from './site.ts';
import type { Story } from './story.ts';
import { submitJobs } from './submitter.ts';
import type { Tier } from './tiers.ts';
import { untilFinal, watchLeases } from './watch.ts';

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
  recovery: Recovery;
  /** Where data, ledger and logs were kept; undefined after a clean run. */
  home: string | undefined;
}

const offendersMax = 10;
/** Beyond two leases and ten seconds for what was under way: a machine that is busy with all this is slow. */
const slowMachineMs = 30_000;
const submitMsMax = 90_000;

/** A whole run: load and faults, then calm until every job is final, then the judgement. */
export const runChaos = async (
  tier: Tier,
  seed: number,
  say: (line: string) => void,
): Promise<ChaosReport> => {
  const startedAtMs = performance.now();
  const site = await openSite(tier, seed);
  let isKept = true;
  try {
    say(`${tier.name} tier, seed ${seed}: everything is up`);
    const load = startLoad(site, seed);
    const faults = await performSchedule(site, makeSchedule(tier, seed));
    say(`${faults.length} faults done, waiting for calm`);
    await site.untilAllReady();
    const quiesceMs = await load.settle();
    say(quiesceMs === undefined ? 'some jobs never became final' : 'every job is final, checking');
    const judgement = await judge(site, faults, await load.outcome);
    isKept = judgement.violations.length + judgement.troubles.length > 0 || quiesceMs === undefined;
    return {
      tier,
      seed,
      faults,
      quiesceMs,
      ...judgement,
      seconds: (performance.now() - startedAtMs) / 1_000,
      home: isKept ? site.home : undefined,
    };
  } finally {
    await site.close({ isKept });
  }
};

interface LoadOutcome {
  staleFinishes: StaleFinishes;
  acts: AdminActs[];
  unleased: string[];
  refusals: string[];
}

interface Load {
  /** Resolves when nothing is submitted any more and every job is final; see `untilFinal`. */
  settle(): Promise<number | undefined>;
  outcome: Promise<LoadOutcome>;
}

/** Submitters, ghosts, administrators and the watch, for every org. */
const startLoad = (site: Site, seed: number): Load => {
  const { tier, orgs, url } = site;
  const [over, done] = [new AbortController(), new AbortController()];
  const refusals: string[] = [];
  const overMs = makeSchedule(tier, seed).endsAtMs;
  const submitted = orgs.map((org, place) =>
    submitJobs({
      org,
      url,
      jobs: Math.ceil(tier.jobs / orgs.length),
      overMs,
      random: createRandom(seed + place),
      onSurprise: (told) => void refusals.push(told),
    }),
  );
  const { leaseSeconds, ghostJobs: jobs } = tier;
  const signals = { over: over.signal, done: done.signal };
  const ghosts = orgs.map((org) => haunt({ org, url, leaseSeconds, jobs, ...signals }));
  const acts = orgs.map((org) => act({ org, url, over: over.signal }));
  const watch = watchLeases(site, done.signal);
  return {
    settle: async () => {
      over.abort();
      const late = delay(submitMsMax, undefined, { ref: false }).then(() => {
        refusals.push('submits were still under way long after the last fault');
      });
      await Promise.race([Promise.all([...submitted, ...acts]), late]);
      const quiesceMs = await untilFinal(site, 2 * leaseSeconds * 1_000 + 10_000 + slowMachineMs);
      done.abort();
      return quiesceMs;
    },
    outcome: Promise.all([Promise.all(ghosts), Promise.all(acts), watch]).then(
      ([stale, acted, unleased]) => ({
        staleFinishes: stale.reduce(addStale),
        acts: acted,
        unleased,
        refusals,
      }),
    ),
  };
};

const addStale = (one: StaleFinishes, other: StaleFinishes): StaleFinishes => ({
  sent: one.sent + other.sent,
  besideAnHeir: one.besideAnHeir + other.besideAnHeir,
  accepted: one.accepted + other.accepted,
});

type Judgement = Pick<
  ChaosReport,
  'counts' | 'violations' | 'troubles' | 'offenders' | 'staleFinishes' | 'sqlStates' | 'recovery'
>;

const judge = async (site: Site, faults: FaultRecord[], load: LoadOutcome): Promise<Judgement> => {
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
    const checked = checkOrg(await readLedger(org.ledgerFolder), rows);
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
