import type { Machine } from './machine.ts';
import type { Measure } from './measure.ts';
import type { Ledger } from './measures/bench.ts';

/** All that a run found, as it is written to JSON. */
export interface Report {
  machine: Machine;
  /** Of Node, PostgreSQL and the subjects, by name. */
  versions: Record<string, string>;
  settings: {
    /** Of PostgreSQL, by name. */
    postgres: Record<string, string>;
    /** What was chosen for a subject beside its defaults. */
    subjects: Record<string, string>;
    /** How the load of others is watched. */
    noise: string;
  };
  tier: string;
  startedAt: string;
  measures: Measure[];
  skipped: Ledger['skipped'];
  refused: Ledger['refused'];
}

/** The table in Markdown: a row a measure, a column a subject, with ours divided by theirs and whether the bar is met. */
export const describeReport = (report: Report): string => {
  const names = subjectsOf(report);
  const rows = [
    ['measure', 'unit', ...names, 'bar', 'met'],
    ['---', '---', ...names.map(() => '---:'), '---', '---'],
    ...report.measures.map((measure) => describeMeasure(measure, names, report.refused)),
  ];
  return [
    describeConditions(report),
    '',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...report.skipped.map(({ name, why }) => `- skipped: ${name}: ${why}`),
    ...report.refused.map(({ measure, subject, why }) => `- refused: ${measure}, ${subject}: ${why}`),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
};

/** Ours, then the peers in the order of their opening; a refused figure leaves its column standing. */
const subjectsOf = ({ measures, settings }: Report): string[] => {
  const measured = new Set(measures.flatMap(({ peers }) => Object.keys(peers)));
  return [...new Set(['longshore', ...Object.keys(settings.subjects), ...measured])];
};

const describeMeasure = (measure: Measure, names: string[], refused: Ledger['refused']): string[] => {
  const { name, unit, ours, peers, ratios, bar = '' } = measure;
  const cells = names.map((subject) => {
    const refusal = refused.find((one) => one.subject === subject && isTakenFrom(measure, one.measure));
    if (subject === 'longshore')
      return Number.isNaN(ours) ? describeAbsent(refusal) : `**${writeFigure(ours)}**`;
    const [theirs, ratio] = [peers[subject], ratios[subject]];
    if (theirs === undefined) return describeAbsent(refusal);
    return ratio === undefined ? writeFigure(theirs) : `${writeFigure(theirs)} (${writeRatio(ratio)})`;
  });
  return [name, unit, ...cells, bar, describeVerdict(measure)];
};

const isTakenFrom = ({ name, takenFrom }: Measure, figure: string): boolean =>
  name.startsWith(figure) || (takenFrom !== undefined && figure.startsWith(takenFrom));

const describeVerdict = ({ bar, isMet }: Measure): string => {
  if (bar === undefined) return '';
  return isMet === undefined ? 'not all measured' : isMet ? 'yes' : '**no**';
};

const describeAbsent = (refusal: Ledger['refused'][number] | undefined): string =>
  refusal === undefined ? '–' : refusal.isNoisy ? 'noisy' : 'failed';

const describeConditions = ({ machine, versions, settings, tier, startedAt }: Report): string => {
  const { server_version: _, ...chosen } = settings.postgres;
  return [
    `${tier} tier, ${startedAt}, ${machine.platform}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGib} GiB, load ${machine.load} before.`,
    `${list(versions, ' ')}.`,
    `PostgreSQL: ${list(chosen, '=')}.`,
    `${settings.noise}. In brackets: ours divided by theirs.`,
  ].join('\n');
};

const list = (named: Record<string, string>, sign: string): string =>
  Object.entries(named)
    .map(([name, value]) => `${name}${sign}${value}`)
    .join(', ');

/** Three digits that count; whole numbers from a hundred on. */
export const writeFigure = (figure: number): string =>
  figure >= 100
    ? Math.round(figure).toLocaleString('en')
    : figure.toLocaleString('en', { maximumSignificantDigits: 3 });

export const writeRatio = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)}x`;
