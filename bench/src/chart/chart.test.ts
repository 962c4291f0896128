import { describe, expect, it } from 'vitest';
import { rankBars } from './bar-chart.ts';
import { spreadLabels, ticksUpTo } from './scale.ts';

describe('bars of a panel', () => {
  it('stand in order: ours, then the best peer, and leave out what was not taken', () => {
    const peers = { 'pg-boss': 40, 'graphile-worker': null, 'raw sql': 100 };
    expect(rankBars({ name: 'drain', unit: 'jobs/s', ours: 50, peers })).toEqual([
      { subject: 'longshore', figure: 50, part: 0.5 },
      { subject: 'raw sql', figure: 100, part: 1 },
      { subject: 'pg-boss', figure: 40, part: 0.4 },
    ]);
  });

  it('take the shortest latency for the best', () => {
    const ranked = rankBars({ name: 'pickup', unit: 'ms', ours: 3, peers: { slow: 9, quick: 1 } });
    expect(ranked.map(({ subject }) => subject)).toEqual(['longshore', 'quick', 'slow']);
  });
});

describe('a scale', () => {
  it('has round ticks from 0 to the first at or above the largest value', () => {
    expect(ticksUpTo(62_000)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000]);
    expect(ticksUpTo(20)).toEqual([0, 5, 10, 15, 20]);
    expect(ticksUpTo(0)).toEqual([0, 1]);
  });

  it('moves labels apart and keeps their order', () => {
    expect(spreadLabels([100, 98, 10], 16)).toEqual([100, 84, 10]);
    expect(spreadLabels([98, 100, 97], 16)).toEqual([84, 100, 68]);
  });
});
