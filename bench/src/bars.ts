import type { Measure } from './measure.ts';

/** What a measure must reach: against a peer's figure as a ratio, or by itself. */
export interface Bar {
  /** A subject; left out, the bar is about our own figure. */
  against?: string;
  atLeast?: number;
  atMost?: number;
  /** Strictly more than this. */
  above?: number;
}

const postgresPeers = ['graphile-worker', 'graphile-worker batched', 'pg-boss', 'bullmq postgres'];

/** The bars of point 1, by what is measured. */
export const bars = {
  drainBest: [
    { against: 'pg-boss', atLeast: 1.3 },
    { against: 'bullmq redis memory', atLeast: 2 },
    { against: 'graphile-worker', atLeast: 10 },
    { against: 'bullmq postgres', atLeast: 15 },
    { against: 'graphile-worker batched', atLeast: 0.8 },
  ],
  lastTenth: postgresPeers.map((against) => ({ against, above: 1 })),
  lastOfFirstTenth: [{ atLeast: 0.9 }],
  submitOneByOne: [
    { against: 'graphile-worker', atLeast: 3 },
    { against: 'pg-boss', atLeast: 3 },
  ],
  submitMany: [{ against: 'pg-boss', atLeast: 2.5 }],
  pickupAtIdle: [{ against: 'graphile-worker', atMost: 1.5 }],
  wholeLife: [{ against: 'raw sql', atLeast: 0.5 }],
  walPerJob: [{ atMost: 1_300 }],
} satisfies Record<string, Bar[]>;

/**
 * The measure with its bars in words, and whether it meets them: missed when one is, met when all are. While one side of a bar
 * was not measured and no other is missed, it is neither.
 */
export const withBars = (measure: Measure, held: readonly Bar[]): Measure => {
  const judged = held.map((bar) => {
    const figure = bar.against === undefined ? measure.ours : measure.ratios[bar.against];
    return figure === undefined || Number.isNaN(figure) ? undefined : meets(figure, bar);
  });
  const bar = held.map(describeBar).join(', ');
  if (judged.includes(false)) return { ...measure, bar, isMet: false };
  return { ...measure, bar, ...(!judged.includes(undefined) && { isMet: true }) };
};

const meets = (figure: number, { atLeast = -Infinity, atMost = Infinity, above = -Infinity }: Bar): boolean =>
  figure >= atLeast && figure <= atMost && figure > above;

const describeBar = ({ against, atLeast, atMost, above }: Bar): string => {
  const [sign, figure] =
    atLeast !== undefined ? ['≥', atLeast] : atMost !== undefined ? ['≤', atMost] : ['>', above!];
  return against === undefined ? `${sign} ${figure!.toLocaleString('en')}` : `${sign} ${figure}x ${against}`;
};
