import { escapeText, round, writeDrawing, writeText } from '../svg.ts';
import { type Box, layOutFlame } from './flame-layout.ts';
import { type Frame, isOutsideCode } from './fold-samples.ts';
import { nativeCode } from './place.ts';

const width = 1_400;
const marginPx = 10;
const rowPx = 17;
const headPx = 58;
const charPx = 6.8;
const widthMin = 0.4;

export interface FlameGraphOptions {
  title: string;
  /** A line of small text below the title. */
  note: string;
}

/**
 * Draws a tree of calls as an SVG: the root at the bottom, what it called above it, time from left to right by name.
 * Idle time is left out; garbage collection and V8's own work stand apart at the right, in grey.
 */
export const drawFlameGraph = (root: Frame, { title, note }: FlameGraphOptions): string => {
  const boxes = layOutFlame(withoutIdle(root.children.map(arrange), root), width - 2 * marginPx, widthMin);
  const rows = Math.max(0, ...boxes.map(({ depth }) => depth)) + 1;
  const height = headPx + rows * rowPx + marginPx;
  return writeDrawing({
    width,
    height,
    title,
    style: { light: lightStyle, dark: darkStyle },
    elements: [
      writeText(marginPx, 22, title, { class: 'title' }),
      writeText(marginPx, 42, note, { class: 'quiet' }),
      ...drawLegend(),
      ...boxes.map((box) =>
        drawBox(box, height - marginPx - (box.depth + 1) * rowPx, boxes[0]!.frame.totalUs),
      ),
    ],
  });
};

const lightStyle =
  '.f text { font-size: 11px } .f:hover rect { stroke: #1f2328 } ' +
  '.ours { fill: #f9b06b } .package { fill: #a9d6a1 } .node { fill: #b3cdea } .outside { fill: #d8dde3 }';
const darkStyle =
  '.f:hover rect { stroke: #e6edf3 } ' +
  '.ours { fill: #9a4f12 } .package { fill: #2f6a35 } .node { fill: #2b5684 } .outside { fill: #3d444d }';

const kinds = { ours: 'Longshore', package: 'packages', node: 'Node', outside: 'garbage collection, V8' };

const drawLegend = (): string[] =>
  Object.entries(kinds).flatMap(([kind, label], index) => {
    const x = width - 490 + index * 105;
    return [
      `<rect class="${kind}" x="${x}" y="12" width="12" height="12" rx="2"/>`,
      writeText(x + 17, 22, label),
    ];
  });

const drawBox = ({ frame, x, width: boxWidth, depth: _ }: Box, y: number, wholeUs: number): string => {
  const left = marginPx + x;
  const share = ((frame.totalUs / wholeUs) * 100).toFixed(1);
  const hover = `${frame.name} ${frame.place} · ${(frame.totalUs / 1_000).toFixed(1)} ms, ${share} %`;
  const chars = Math.floor((boxWidth - 6) / charPx);
  const label = frame.name.length <= chars ? frame.name : `${frame.name.slice(0, chars - 1)}…`;
  return (
    `<g class="f"><title>${escapeText(hover)}</title>` +
    `<rect class="${kindOf(frame)}" x="${round(left)}" y="${y}" width="${round(Math.max(boxWidth - 0.5, 0.3))}" height="${rowPx - 1}" rx="1"/>` +
    `${chars >= 3 ? writeText(left + 3, y + 12, label) : ''}</g>`
  );
};

const kindOf = (frame: Frame): keyof typeof kinds => {
  if (frame.group === nativeCode || /^(node|wasm)/.test(frame.group)) return 'node';
  if (frame.place === '') return 'outside';
  return /^(apps|packages|bench)\//.test(frame.group) ? 'ours' : 'package';
};

/** Calls by name, so that the same stand together; what is no code last. The phases below the root keep their order. */
const arrange = (frame: Frame): Frame => {
  const rank = (child: Frame): number => Number(isOutsideCode(child));
  const children = frame.children
    .filter(({ name }) => name !== '(idle)')
    .map(arrange)
    .toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en'));
  return withoutIdle(children, frame);
};

const withoutIdle = (children: Frame[], frame: Frame): Frame => {
  const belowUs = children.reduce((sum, { totalUs }) => sum + totalUs, 0);
  return { ...frame, children, totalUs: frame.selfUs + belowUs };
};
