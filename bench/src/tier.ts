import { type CancelSizes, fullCancel, quickCancel } from './cancel/sizes.ts';
import { type FlatnessSizes, fullFlatness, quickFlatness } from './flatness/sizes.ts';
import { fullWaking, quickWaking, type WakingSizes } from './waking/sizes.ts';
import { fullWatchers, quickWatchers, type WatcherSizes } from './watchers/sizes.ts';

/** Sizes of a run. Every figure is the median of `runs` runs. */
export interface Tier {
  name: 'quick' | 'full';
  /** The groups of measures that it runs unless told. */
  groups: string[];
  runs: number;
  submit: { seconds: number };
  /** A drain ends at `secondsMax` at the latest; its rate is then that of the part worked off. */
  drain: { jobs: number; workerProcesses: number[]; secondsMax: number };
  /** One long drain by its tenths, of the subjects that can finish it in minutes. */
  longDrain: { jobs: number; subjects: string[] } | null;
  pickup: { rounds: number; secondsMax: number; hasLoad: boolean };
  life: { warmUpSeconds: number; seconds: number };
  flatness: FlatnessSizes;
  waking: WakingSizes;
  cancel: CancelSizes;
  watchers: WatcherSizes;
}

export const quickTier: Tier = {
  name: 'quick',
  groups: ['submit', 'drain', 'pickup', 'life'],
  runs: 3,
  submit: { seconds: 0.2 },
  drain: { jobs: 20_000, workerProcesses: [1], secondsMax: 0.8 },
  longDrain: null,
  // Finding out what a slow subject bears takes longer than all else.
  pickup: { rounds: 200, secondsMax: 0.6, hasLoad: false },
  life: { warmUpSeconds: 0.8, seconds: 0.6 },
  flatness: quickFlatness,
  waking: quickWaking,
  cancel: quickCancel,
  watchers: quickWatchers,
};

export const fullTier: Tier = {
  name: 'full',
  groups: [
    'submit',
    'drain',
    'long-drain',
    'pickup',
    'life',
    'flat-backlog',
    'flat-history',
    'flat-barred',
    'flat-orgs',
    'flat-sessions',
    'flat-snapshot',
    'waking',
    'cancel',
    'watchers',
  ],
  runs: 3,
  submit: { seconds: 2 },
  drain: { jobs: 100_000, workerProcesses: [1, 2, 4], secondsMax: 10 },
  longDrain: { jobs: 1_000_000, subjects: ['longshore', 'graphile-worker batched', 'pg-boss'] },
  pickup: { rounds: 1_000, secondsMax: 5, hasLoad: true },
  life: { warmUpSeconds: 3, seconds: 4 },
  flatness: fullFlatness,
  waking: fullWaking,
  cancel: fullCancel,
  watchers: fullWatchers,
};
