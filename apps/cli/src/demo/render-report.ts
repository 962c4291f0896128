import type { Output } from '../output.ts';
import { renderBytes, renderCount, renderSeconds } from '../render-numbers.ts';
import type { Latency } from './measure.ts';
import { concurrency, type DemoReport } from './run-demo.ts';

/** The closing table, and where to go from here. */
export const renderReport = (report: DemoReport, { paint }: Pick<Output, 'paint'>): string => {
  const rows = tableOf(report);
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.max(...rows.map(([, value]) => value.length));
  const lines = rows.map(([name, value, note]) =>
    `  ${name.padEnd(nameWidth)}  ${paint('bold', value.padStart(valueWidth))}  ${paint('dim', note)}`.trimEnd(),
  );
  return ['', ...lines, '', verdictOf(report, paint), '', ...nextSteps(paint), ''].join('\n');
};

const tableOf = (report: DemoReport): [name: string, value: string, note: string][] => {
  const { merged, idle } = report;
  return [
    ['jobs', renderCount(report.jobs), `${renderCount(report.files)} files × ${report.passes}`],
    ['completed', renderCount(report.completed), ''],
    ['lost', renderCount(report.lost), ''],
    ['retries', renderCount(report.retries), 'attempts that failed and were tried again'],
    [
      'rescues',
      renderCount(report.rescues),
      'jobs the killed worker held, run again by the other, attempts unspent',
    ],
    [
      'jobs/s',
      renderCount(report.jobsPerSecond),
      `first start → last finish, ${concurrency} at a time on two workers, then on one; rescued jobs left out`,
    ],
    [
      'pickup, idle',
      renderLatency(idle.pickup),
      `p50 · p99: may run → claimed, ${idle.jobs} jobs one by one`,
    ],
    ['round trip, idle', renderLatency(idle.roundTrip), 'p50 · p99: submit → result, seen by the caller'],
    ['wait in line', renderLatency(report.waitInLine), 'p50 · p99: all submitted at once'],
    ['words', renderCount(merged.words), `${renderCount(merged.lines)} lines, ${renderBytes(merged.bytes)}`],
    [
      'digest',
      merged.sha256.slice(0, 12),
      merged.disagreements > 0 ? 'over all files' : 'over all files; every pass found the same',
    ],
  ];
};

const renderLatency = ({ p50, p99 }: Latency): string =>
  `${renderSeconds(p50 / 1_000)} · ${renderSeconds(p99 / 1_000)}`;

const verdictOf = ({ lost, killedWorker, merged, files }: DemoReport, paint: Output['paint']): string => {
  if (lost > 0) return `  ${paint('red', '✗')} ${lost} jobs did not complete.`;
  if (merged.files !== files)
    return `  ${paint('red', '✗')} The merged result lacks ${files - merged.files} files.`;
  if (merged.disagreements > 0) {
    return `  ${paint('red', '✗')} ${merged.disagreements} results differ from another pass: did a file change meanwhile?`;
  }
  const although = killedWorker ? `${killedWorker} was killed, and nothing was lost` : 'Nothing was lost';
  return `  ${paint('green', '✓')} ${although}: every job completed once.`;
};

const nextSteps = (paint: Output['paint']): string[] => [
  `  ${paint('bold', 'Where to look next')}`,
  '    npm run dev                   everything on this machine, kept running, with URLs and keys',
  '    npm run longshore -- --help   the command line',
  '    npm test                      every test, on a real PostgreSQL',
  '    ARCHITECTURE.md               the rooms, and the route of a job through them',
];
