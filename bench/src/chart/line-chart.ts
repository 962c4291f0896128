import { round, writeDrawing, writeText } from '../svg.ts';
import { spreadLabels, ticksUpTo } from './scale.ts';

const width = 960;
const height = 420;
const plot = { left: 70, right: width - 190, top: 60, bottom: height - 50 };
const labelGapPx = 16;

/** Jobs a second by window: before the snapshot was opened, and while it was held. */
export interface HeldRates {
  before: readonly number[];
  held: readonly number[];
}

/** Draws jobs a second, window by window, a line a subject; ours is the heavy one. Time 0 is when the snapshot was opened. */
export const drawLineChart = (rates: Record<string, HeldRates>, windowSeconds: number): string => {
  const lines = Object.values(rates);
  const ticks = ticksUpTo(Math.max(0, ...lines.flatMap(({ before, held }) => [...before, ...held])));
  const before = Math.max(0, ...lines.map((line) => line.before.length));
  const held = Math.max(1, ...lines.map((line) => line.held.length));
  const scale = {
    x: (window: number) => plot.left + ((window + before) / (before + held)) * (plot.right - plot.left),
    y: (rate: number) => plot.bottom - (rate / ticks.at(-1)!) * (plot.bottom - plot.top),
  };
  return writeDrawing({
    width,
    height,
    title: 'Jobs a second while a snapshot is held',
    style: { light: styleOf(lightColours, '#d1d9e0'), dark: styleOf(darkColours, '#3d444d') },
    elements: [
      writeText(plot.left, 26, 'While another connection holds a snapshot', { class: 'title' }),
      writeText(plot.left, 44, `jobs/s, by window of ${windowSeconds} s`, { class: 'quiet' }),
      ...ticks.flatMap((tick) => drawTick(tick, scale.y(tick))),
      ...drawTimes(held, windowSeconds, scale.x),
      ...drawLines(rates, scale),
    ],
  });
};

interface Scale {
  /** Of a window's beginning, counted from the opening of the snapshot. */
  x(window: number): number;
  y(rate: number): number;
}

/** The first is ours. */
const lightColours = ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#9a6700', '#57606a'];
const darkColours = ['#4493f8', '#f0883e', '#3fb950', '#ab7df8', '#d29922', '#9198a1'];

const styleOf = (colours: string[], grid: string): string =>
  [
    `.grid { stroke: ${grid} } .opened { stroke: #818b98; stroke-dasharray: 4 4 } polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round } .c0 { stroke-width: 3.2 }`,
    ...colours.map((colour, index) => `.c${index} { stroke: ${colour} } .t${index} { fill: ${colour} }`),
  ].join(' ');

const drawTick = (tick: number, y: number): string[] => [
  `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${round(y)}" y2="${round(y)}"/>`,
  writeText(plot.left - 8, y + 4, tick.toLocaleString('en'), { anchor: 'end', class: 'quiet' }),
];

/** The opening of the snapshot, and the end of a window about every eighth of the way. */
const drawTimes = (windows: number, windowSeconds: number, x: Scale['x']): string[] => {
  const every = Math.max(1, Math.round(windows / 8));
  const times = Array.from({ length: Math.floor(windows / every) + 1 }, (_, index) => index * every);
  return [
    `<line class="opened" x1="${round(x(0))}" x2="${round(x(0))}" y1="${plot.top}" y2="${plot.bottom}"/>`,
    ...times.map((window) =>
      writeText(x(window), plot.bottom + 20, window === 0 ? 'opened' : `${window * windowSeconds} s`, {
        anchor: 'middle',
        class: 'quiet',
      }),
    ),
  ];
};

const drawLines = (rates: Record<string, HeldRates>, { x, y }: Scale): string[] => {
  const lines = Object.entries(rates)
    .filter(([, { held }]) => held.length > 0)
    .toSorted(([a], [b]) => Number(b === 'longshore') - Number(a === 'longshore'));
  const labels = spreadLabels(
    lines.map(([, { held }]) => y(held.at(-1)!)),
    labelGapPx,
  );
  return lines.flatMap(([subject, { before, held }], index) => {
    // A rate stands in the middle of its window.
    const pointOf = (rate: number, window: number) =>
      `${round(x(window - before.length + 0.5))},${round(y(rate))}`;
    const colour = index % lightColours.length;
    return [
      `<polyline class="c${colour}" points="${[...before, ...held].map(pointOf).join(' ')}"/>`,
      writeText(x(held.length - 0.5) + 8, labels[index]! + 4, subject, { class: `t${colour}` }),
    ];
  });
};
