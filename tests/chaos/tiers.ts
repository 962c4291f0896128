import type { Rhythms } from './schedule.ts';

/** How large a run is and how hard it is hit. Times in milliseconds unless the name says otherwise. */
export interface Tier {
  name: string;
  jobs: number;
  workers: number;
  apis: number;
  /** Handlers side by side in each worker. */
  concurrency: number;
  leaseSeconds: number;
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
  'restart postgres': { everyMs: seconds(55), forMs: [0, 0] },
  'end backend': { everyMs: seconds(3), forMs: [0, 0] },
  'end listener': { everyMs: seconds(2), forMs: [0, 0] },
  'half-open listener': { everyMs: seconds(80), forMs: [seconds(11), seconds(12)] },
  partition: { everyMs: seconds(55), forMs: [seconds(5), seconds(15)] },
  'one way': { everyMs: seconds(40), forMs: [seconds(2), seconds(6)] },
  latency: { everyMs: seconds(20), forMs: [seconds(5), seconds(10)] },
  resets: { everyMs: seconds(2), forMs: [0, 0] },
};

const ci: Tier = {
  name: 'ci',
  jobs: 20_000,
  workers: 12,
  apis: 2,
  concurrency: 20,
  leaseSeconds: 3,
  mixMs: seconds(170),
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
  gate: {
    ...ci,
    name: 'gate',
    jobs: 1_000_000,
    concurrency: 50,
    mixMs: seconds(2_400),
    solo: { postgresRestarts: 50, workerKills: 50, listenerEnds: 200, halfOpenListeners: 10 },
    ghostJobs: 50,
  },
};
