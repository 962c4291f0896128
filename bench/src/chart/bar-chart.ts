import { round, writeDrawing, writeText } from '../svg.ts';

/** A measure to draw: ours beside the peers'; null for a figure that was not taken. */
export interface Panel {
  name: string;
  unit: string;
  ours: number | null;
  peers: Record<string, number | null>;
}

/** A bar of a panel, `part` of the longest one. */
export interface Bar {
  subject: string;
  figure: number;
  part: number;
}

const panelWidth = 520;
const labelWidth = 165;
const figureWidth = 70;
const headPx = 44;
const rowPx = 22;
const gapPx = 28;
const columns = 2;

/** Draws each measure as bars on a scale of its own, two panels a row: ours first, then the peers', best first. */
export const drawBarChart = (panels: readonly Panel[]): string => {
  const elements: string[] = [];
  let top = gapPx / 2;
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    row.forEach((panel, column) => {
      elements.push(...drawPanel(panel, gapPx + column * (panelWidth + gapPx), top));
    });
    top += headPx + Math.max(...row.map((panel) => rankBars(panel).length)) * rowPx + gapPx;
  }
  return writeDrawing({
    width: gapPx + columns * (panelWidth + gapPx),
    height: top,
    title: 'Longshore beside its peers',
    style: {
      light: '.ours { fill: #0969da } .peer { fill: #afb8c1 }',
      dark: '.ours { fill: #4493f8 } .peer { fill: #545d68 }',
    },
    elements,
  });
};

/** The bars of a panel: ours first, then the peers', best first. */
export const rankBars = ({ unit, ours, peers }: Panel): Bar[] => {
  const better = isLessBetter(unit) ? 1 : -1;
  const ranked = Object.entries(peers).toSorted(([, a], [, b]) => better * ((a ?? 0) - (b ?? 0)));
  const known = [['longshore', ours] as const, ...ranked].flatMap(([subject, figure]) =>
    figure === null ? [] : [{ subject, figure }],
  );
  const longest = Math.max(...known.map(({ figure }) => figure));
  return known.map((bar) => ({ ...bar, part: bar.figure / longest }));
};

const isLessBetter = (unit: string): boolean => unit === 'ms';

const drawPanel = (panel: Panel, left: number, top: number): string[] => [
  writeText(left, top + 16, panel.name, { class: 'title' }),
  writeText(left, top + 33, `${panel.unit}, ${isLessBetter(panel.unit) ? 'less' : 'more'} is better`, {
    class: 'quiet',
  }),
  ...rankBars(panel).flatMap(({ subject, figure, part }, index) => {
    const y = top + headPx + index * rowPx;
    const width = part * (panelWidth - labelWidth - figureWidth);
    return [
      writeText(left + labelWidth - 8, y + 14, subject, { anchor: 'end' }),
      `<rect class="${subject === 'longshore' ? 'ours' : 'peer'}" x="${left + labelWidth}" y="${y + 2}" width="${round(Math.max(width, 1))}" height="${rowPx - 6}" rx="2"/>`,
      writeText(left + labelWidth + width + 6, y + 14, writeFigure(figure)),
    ];
  }),
];

const writeFigure = (figure: number): string =>
  figure.toLocaleString('en', { maximumFractionDigits: figure < 100 ? 1 : 0 });
