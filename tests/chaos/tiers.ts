import type { Rhythms } from './schedule.ts';

/** How large a run is and how hard it is hit. Times in milliseconds unless the name says otherwise. */
export interface Tier {
  name: string;
  jobs: number;
  /** What was written of one is judged at a time, in memory: some hundred thousand jobs each at most. */
  orgs: number;
  workers: number;
  apis: number;
  /** Submitters hold back while more jobs are live: a queue that only grows proves nothing, and a slow machine has enough to do. */
  backlogMax: number;
  /** Handlers side by side in each worker. */
  concurrency: number;
  leaseSeconds: number;
  /** The bar for the time until a dead worker's job runs again, p99; told, not judged. */
  rerunMsMax: number;
  /** How long faults overlap each other. The jobs are submitted over this and the solo part. */
  mixMs: number;
  rhythms: Rhythms;
  /** Faults one at a time, from which the times to recovery are measured. */
  solo: SoloFaults;
  /** Share of answers, of the database and of the API, that are lost after the commit. */
  lostAnswers: number;
  /** Jobs at a time that each org's ghost holds past its lease. */
  ghostJobs: number;
}

export interface SoloFaults {
  postgresRestarts: number;
  workerKills: number;
  listenerEnds: number;
  halfOpenListeners: number;
}

const seconds = (count: number): number => count * 1_000;

/** Worker lives, in the rates of R-03. */
const rhythms: Rhythms = {
  'kill worker': { everyMs: seconds(1.5), forMs: [0, 0] },
  'freeze worker': { everyMs: seconds(5), forMs: [seconds(3.5), seconds(8)] },
  'kill api': { everyMs: seconds(15), forMs: [0, 0] },
  'restart postgres': { everyMs: seconds(43), forMs: [0, 0] },
  'end backend': { everyMs: seconds(3), forMs: [0, 0] },
  'end listener': { everyMs: seconds(2), forMs: [0, 0] },
  'half-open listener': { everyMs: seconds(65), forMs: [seconds(11), seconds(12)] },
  partition: { everyMs: seconds(43), forMs: [seconds(5), seconds(15)] },
  'one way': { everyMs: seconds(30), forMs: [seconds(2), seconds(6)] },
  latency: { everyMs: seconds(20), forMs: [seconds(5), seconds(10)] },
  resets: { everyMs: seconds(2), forMs: [0, 0] },
};

const ci: Tier = {
  name: 'ci',
  jobs: 20_000,
  orgs: 3,
  workers: 12,
  apis: 2,
  backlogMax: 10_000,
  concurrency: 20,
  leaseSeconds: 3,
  rerunMsMax: 6_500,
  mixMs: seconds(130),
  rhythms,
  solo: { postgresRestarts: 3, workerKills: 10, listenerEnds: 20, halfOpenListeners: 2 },
  lostAnswers: 0.01,
  ghostJobs: 10,
};

export const tiers: Record<string, Tier> = {
  /** To see in under two minutes whether the suite itself works. */
  smoke: {
    ...ci,
    name: 'smoke',
    jobs: 1_500,
    workers: 6,
    mixMs: seconds(30),
    rhythms: {
      ...rhythms,
      'kill worker': { everyMs: seconds(3), forMs: [0, 0] },
      'restart postgres': { everyMs: seconds(30), forMs: [0, 0] },
      partition: { everyMs: seconds(30), forMs: [seconds(3), seconds(5)] },
      'half-open listener': { everyMs: seconds(30), forMs: [seconds(11), seconds(12)] },
      'one way': { everyMs: seconds(15), forMs: [seconds(2), seconds(3)] },
    },
    solo: { postgresRestarts: 1, workerKills: 3, listenerEnds: 4, halfOpenListeners: 1 },
    ghostJobs: 5,
  },
  ci,
  /** Workers as they are when nobody says otherwise, killed one at a time. */
  'default-lease': {
    ...ci,
    name: 'default-lease',
    jobs: 8_000,
    leaseSeconds: 15,
    rerunMsMax: 17_000,
    mixMs: 0,
    solo: { postgresRestarts: 0, workerKills: 30, listenerEnds: 0, halfOpenListeners: 0 },
    ghostJobs: 5,
  },
  /** For the number: the lease is the default one, and faults leave time for the work, as a process that is killed is dear to replace. */
  gate: {
    ...ci,
    name: 'gate',
    jobs: 1_000_000,
    orgs: 6,
    backlogMax: 20_000,
    concurrency: 50,
    leaseSeconds: 15,
    rerunMsMax: 17_000,
    mixMs: seconds(1_500),
    rhythms: {
      'kill worker': { everyMs: seconds(15), forMs: [0, 0] },
      'freeze worker': { everyMs: seconds(30), forMs: [seconds(16), seconds(20)] },
      'kill api': { everyMs: seconds(60), forMs: [0, 0] },
      'restart postgres': { everyMs: seconds(60), forMs: [0, 0] },
      'end backend': { everyMs: seconds(10), forMs: [0, 0] },
      'end listener': { everyMs: seconds(10), forMs: [0, 0] },
      'half-open listener': { everyMs: seconds(90), forMs: [seconds(11), seconds(12)] },
      partition: { everyMs: seconds(90), forMs: [seconds(5), seconds(15)] },
      'one way': { everyMs: seconds(60), forMs: [seconds(2), seconds(6)] },
      latency: { everyMs: seconds(60), forMs: [seconds(5), seconds(10)] },
      resets: { everyMs: seconds(5), forMs: [0, 0] },
    },
    solo: { postgresRestarts: 30, workerKills: 30, listenerEnds: 60, halfOpenListeners: 3 },
    ghostJobs: 60,
  },
};

/** The tier with another number of jobs, at the same pace: the run is shorter or longer by as much. */
export const resizeTier = (tier: Tier, jobs: number): Tier => {
  const part = jobs / tier.jobs;
  const { postgresRestarts, workerKills, listenerEnds, halfOpenListeners } = tier.solo;
  return {
    ...tier,
    jobs,
    mixMs: Math.round(tier.mixMs * part),
    solo: {
      postgresRestarts: Math.ceil(postgresRestarts * part),
      workerKills: Math.ceil(workerKills * part),
      listenerEnds: Math.ceil(listenerEnds * part),
      halfOpenListeners: Math.ceil(halfOpenListeners * part),
    },
  };
};
