import { describe, expect, it } from 'vitest';
import { drawFlameGraph } from './flame-graph.ts';
import { layOutFlame } from './flame-layout.ts';
import type { Frame } from './fold-samples.ts';

const frame = (name: string, selfUs: number, children: Frame[] = []): Frame => ({
  name,
  place: name.startsWith('(') ? '' : 'pg/lib/client.js:1',
  group: name.startsWith('(') ? name : 'pg',
  selfUs,
  totalUs: selfUs + children.reduce((sum, { totalUs }) => sum + totalUs, 0),
  children,
});

describe('laying out a flame graph', () => {
  const root = frame('api', 10, [frame('claim', 20, [frame('parse', 30)]), frame('finish', 40)]);

  it('gives each frame its share of the width, and lets it stand on its caller', () => {
    const boxes = layOutFlame(root, 200, 0.4).map(({ frame: { name }, ...box }) => [name, box]);
    expect(Object.fromEntries(boxes)).toEqual({
      api: { x: 0, width: 200, depth: 0 },
      claim: { x: 0, width: 100, depth: 1 },
      parse: { x: 0, width: 60, depth: 2 },
      finish: { x: 100, width: 80, depth: 1 },
    });
  });

  it('leaves out what is too narrow to see, without moving its neighbours', () => {
    const boxes = layOutFlame(root, 200, 70);
    expect(boxes.map(({ frame: { name }, x }) => [name, x])).toEqual([
      ['api', 0],
      ['claim', 0],
      ['finish', 100],
    ]);
  });

  it('draws nothing for a process without samples', () => {
    expect(layOutFlame(frame('api', 0), 200, 0.4)).toEqual([]);
  });
});

describe('drawing a flame graph', () => {
  const busy = frame('drain', 0, [frame('(idle)', 900), frame('(garbage collector)', 40), frame('a<b', 60)]);
  const svg = drawFlameGraph(frame('api', 0, [busy]), { title: 'API', note: '' });

  it('shows no idle time: shares are those of the busy time', () => {
    expect(svg).not.toContain('(idle)');
    expect(svg).toContain('<title>(garbage collector)  · 0.0 ms, 40.0 %</title>');
  });

  it('puts what is no code at the right', () => {
    expect(svg.indexOf('(garbage collector)')).toBeGreaterThan(svg.indexOf('a&lt;b'));
  });

  it('is drawn for a process without samples too', () => {
    expect(drawFlameGraph(frame('api', 0), { title: 'API', note: '' })).toContain('</svg>');
  });
});
