import { createRandom } from '../races/random.ts';
import type { SoloFaults, Tier } from './tiers.ts';

export const mixedFaults = [
  'kill worker',
  'freeze worker',
  'kill api',
  'restart postgres',
  'end backend',
  'end listener',
  'half-open listener',
  'partition',
  'one way',
  'latency',
  'resets',
] as const;
export type FaultType = (typeof mixedFaults)[number];

/** One fault in each stretch of `everyMs`, at an instant of chance, for a time between the two. */
export interface Rhythm {
  everyMs: number;
  forMs: readonly [min: number, max: number];
}
export type Rhythms = Record<FaultType, Rhythm>;

export interface Fault {
  /** From the start of the run. */
  atMs: number;
  type: FaultType;
  forMs: number;
  /** From 0 to 2^31; whom or what it hits is chosen by it among those that are there then. */
  choice: number;
  /** Nothing else goes on meanwhile, so the time to recovery tells of this fault alone. */
  isSolo: boolean;
}

export interface Schedule {
  faults: Fault[];
  /** The mixed part is over; what lasts is lifted. */
  mixEndsAtMs: number;
  endsAtMs: number;
}

/** The mixed part and the solo part have all the time in between to settle. */
const settleMs = 8_000;
const soloGapMs: Record<keyof SoloFaults, number> = {
  postgresRestarts: 7_000,
  workerKills: 2_000,
  listenerEnds: 1_000,
  halfOpenListeners: 12_000,
};
const soloType: Record<keyof SoloFaults, FaultType> = {
  postgresRestarts: 'restart postgres',
  workerKills: 'kill worker',
  listenerEnds: 'end listener',
  halfOpenListeners: 'half-open listener',
};

/** Every fault of a run, in order of time. The same seed gives the same schedule. */
export const makeSchedule = (
  { mixMs, rhythms, solo }: Pick<Tier, 'mixMs' | 'rhythms' | 'solo'>,
  seed: number,
): Schedule => {
  const mixed = mixedFaults.flatMap((type, place) => makeMixed(type, rhythms[type], mixMs, seed + place));
  const alone = makeSolo(solo, mixMs + settleMs, seed + mixedFaults.length);
  return {
    faults: [...mixed, ...alone.faults].sort((one, other) => one.atMs - other.atMs),
    mixEndsAtMs: mixMs,
    endsAtMs: alone.endsAtMs,
  };
};

/** Each type draws from a randomness of its own, so that another rhythm of one leaves the others as they are. */
const makeMixed = (type: FaultType, { everyMs, forMs }: Rhythm, mixMs: number, seed: number): Fault[] => {
  const random = createRandom(seed);
  const faults: Fault[] = [];
  for (let stretchMs = 0; stretchMs < mixMs; stretchMs += everyMs) {
    const atMs = stretchMs + random.below(everyMs);
    const lastsMs = forMs[0] + random.below(forMs[1] - forMs[0] + 1);
    const choice = random.below(2 ** 31);
    if (atMs < mixMs)
      faults.push({ atMs, type, forMs: Math.min(lastsMs, mixMs - atMs), choice, isSolo: false });
  }
  return faults;
};

/** Sort by sort, but for listeners, whose end costs a running worker nothing: they die while workers do. */
const makeSolo = (
  solo: SoloFaults,
  startsAtMs: number,
  seed: number,
): { faults: Fault[]; endsAtMs: number } => {
  const random = createRandom(seed);
  const series = (sort: keyof SoloFaults, fromMs: number): Fault[] =>
    Array.from({ length: solo[sort] }, (_, place) => ({
      atMs: fromMs + place * soloGapMs[sort],
      type: soloType[sort],
      forMs: sort === 'halfOpenListeners' ? soloGapMs[sort] - 500 : 0,
      choice: random.below(2 ** 31),
      isSolo: true,
    }));
  const lengthOf = (sort: keyof SoloFaults): number => solo[sort] * soloGapMs[sort];

  const killsFromMs = startsAtMs + lengthOf('postgresRestarts') + settleMs;
  const halfOpenFromMs = killsFromMs + Math.max(lengthOf('workerKills'), lengthOf('listenerEnds')) + settleMs;
  const faults = [
    ...series('postgresRestarts', startsAtMs),
    ...series('workerKills', killsFromMs),
    ...series('listenerEnds', killsFromMs),
    ...series('halfOpenListeners', halfOpenFromMs),
  ];
  return { faults, endsAtMs: halfOpenFromMs + lengthOf('halfOpenListeners') };
};
