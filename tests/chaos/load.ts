import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../races/random.ts';
import { type AdminActs, act } from './admin-acts.ts';
import { haunt, type StaleFinishes } from './ghosts.ts';
import type { Site } from './site.ts';
import { submitJobs } from './submitter.ts';
import { untilFinal, watchBacklog, watchLeases } from './watch.ts';

/** What the load noticed. */
export interface LoadOutcome {
  staleFinishes: StaleFinishes;
  /** By org. */
  acts: AdminActs[];
  /** Running jobs that nobody would ever have taken back. */
  unleased: string[];
  /** Submits that failed in a way that no fault explains. */
  refusals: string[];
}

export interface Load {
  /** Resolves when nothing is submitted any more and every job is final; see `untilFinal`. */
  settle(): Promise<number | undefined>;
  outcome: Promise<LoadOutcome>;
}

/** How long it may look as if nothing went on: a slow machine that stalls is no broken promise. */
const stillnessMs = 90_000;

/** Submitters, ghosts, administrators and the watch, for every org. The jobs are submitted over `overMs`. */
export const startLoad = (site: Site, overMs: number, seed: number): Load => {
  const { orgs, url, tier } = site;
  const [over, done] = [new AbortController(), new AbortController()];
  const submits = startSubmits(site, { overMs, seed, done: done.signal });
  const { leaseSeconds, ghostJobs: jobs } = tier;
  const signals = { over: over.signal, done: done.signal };
  const ghosts = orgs.map((org) => haunt({ org, url, leaseSeconds, jobs, ...signals }));
  const acts = orgs.map((org) => act({ org, url, over: over.signal }));
  const watch = watchLeases(site, done.signal);
  return {
    settle: async () => {
      over.abort();
      await submits.untilAnswered();
      await Promise.all(acts);
      const quiesceMs = await untilFinal(site, 2 * leaseSeconds * 1_000 + stillnessMs);
      done.abort();
      return quiesceMs;
    },
    outcome: Promise.all([Promise.all(ghosts), Promise.all(acts), watch]).then(
      ([stale, acted, unleased]) => ({
        staleFinishes: stale.reduce(addStale),
        acts: acted,
        unleased,
        refusals: submits.refusals,
      }),
    ),
  };
};

interface Submits {
  refusals: string[];
  /** Resolves when all jobs are submitted, or when none is answered and none ends any more, which is a refusal. */
  untilAnswered(): Promise<void>;
}

const startSubmits = (
  site: Site,
  { overMs, seed, done }: { overMs: number; seed: number; done: AbortSignal },
): Submits => {
  const { tier, orgs, url } = site;
  const refusals: string[] = [];
  let heardAtMs = 0;
  let backlog = 0;
  const onCount = (live: number): void => {
    if (live < backlog) heardAtMs = performance.now();
    backlog = live;
  };
  void watchBacklog(site, { onCount, over: done });
  const submitted = orgs.map((org, place) =>
    submitJobs({
      org,
      url,
      jobs: Math.ceil(tier.jobs / orgs.length),
      overMs,
      random: createRandom(seed + place),
      untilRoom: async () => {
        while (backlog > tier.backlogMax && !done.aborted) await delay(200);
      },
      onAnswer: () => {
        heardAtMs = performance.now();
      },
      onSurprise: (told) => void refusals.push(told),
    }),
  );
  const all = Promise.all(submitted).then(() => true);
  return {
    refusals,
    untilAnswered: async () => {
      heardAtMs = performance.now();
      while (!(await Promise.race([all, delay(1_000, false)]))) {
        if (performance.now() < heardAtMs + stillnessMs) continue;
        return void refusals.push('submits were still under way, and nothing went on any more');
      }
    },
  };
};

const addStale = (one: StaleFinishes, other: StaleFinishes): StaleFinishes => ({
  sent: one.sent + other.sent,
  besideAnHeir: one.besideAnHeir + other.besideAnHeir,
  accepted: one.accepted + other.accepted,
});
