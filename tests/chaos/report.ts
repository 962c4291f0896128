import { loadavg } from 'node:os';
import type { FaultRecord } from './faults/perform.ts';
import { quantile } from './recovery.ts';
import type { ChaosReport } from './run-chaos.ts';
import type { Story } from './story.ts';

const linesMax = 40;

/** True when every promise was kept. How long recovery took is told, not judged: that is the machine's as much as ours. */
export const isClean = ({ violations, troubles, quiesceMs }: ChaosReport): boolean =>
  violations.length + troubles.length === 0 && quiesceMs !== undefined;

/** The report as text: what was done and found, the offenders, and one line of figures at the end. */
export const renderChaos = (report: ChaosReport): string =>
  [
    ...renderCounts(report),
    ...renderRecovery(report),
    ...(isClean(report) ? [] : renderFailure(report)),
    renderFigures(report),
  ].join('\n');

const renderCounts = ({
  counts,
  faults,
  sqlStates,
  staleFinishes,
  quiesceMs,
  stallMs,
}: ChaosReport): string[] => [
  ...Object.entries(counts).map(
    ([slug, { intents, acked, stored, byState, poisoned, claims }]) =>
      `${slug}: ${intents} intents, ${acked} acked, ${stored} stored ` +
      `(${Object.entries(byState)
        .map(([state, count]) => `${state} ${count}`)
        .join(', ')}; poisoned ${poisoned}), ${claims} claims`,
  ),
  `faults: ${countFaults(faults)}`,
  `missed because: ${countReasons(faults)}`,
  `restarts of PostgreSQL, ms: ${restartsOf(faults).join(', ')}; load of the machine: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}`,
  `stale finishes: ${staleFinishes.sent} sent, ${staleFinishes.besideAnHeir} of them beside an heir, ` +
    `${staleFinishes.accepted} accepted where nobody else had the job`,
  `errors in the log of PostgreSQL: ${Object.entries(sqlStates)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ')}`,
  `longest stall of the harness: ${stallMs.toFixed(0)} ms`,
  quiesceMs === undefined
    ? 'some jobs never became final'
    : `every job final ${seconds(quiesceMs)} s after the last fault and submit`,
];

const countFaults = (faults: readonly FaultRecord[]): string => {
  const done = Map.groupBy(faults, ({ type }) => type);
  return [...done]
    .map(([type, all]) => {
      const missed = all.filter((fault) => fault.missed !== undefined).length;
      return `${type} ${all.length}${missed > 0 ? ` (${missed} missed)` : ''}`;
    })
    .join(', ');
};

/** A run whose faults missed has proved less than its count of faults says. */
const countReasons = (faults: readonly FaultRecord[]): string => {
  const reasons = Map.groupBy(faults, ({ missed }) => missed?.replace(/\d+$/, ''));
  reasons.delete(undefined);
  return [...reasons].map(([reason, all]) => `${reason} ${all.length}`).join(', ') || 'none missed';
};

const restartsOf = (faults: readonly FaultRecord[]): number[] =>
  faults.flatMap(({ readyAtMs, startedAtMs }) => (readyAtMs === undefined ? [] : [readyAtMs - startedAtMs]));

const renderRecovery = ({ recovery, tier }: ChaosReport): string[] => [
  'recovery from single faults, ms:',
  renderTimes('first claim after an immediate restart', recovery.firstClaims, 2_000),
  renderTimes(
    `dead worker's job claimed again (lease ${tier.leaseSeconds} s)`,
    recovery.reruns,
    tier.rerunMsMax,
  ),
  renderTimes('listener back', recovery.listeners, 1_000),
  renderTimes('half-open listener found', recovery.halfOpen, 10_000),
];

const renderTimes = (name: string, times: readonly number[], barMs: number): string => {
  if (times.length === 0) return `  ${name}: not seen`;
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  const verdict = p99 <= barMs ? '' : ', MISSED';
  return `  ${name}: p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)} of ${times.length} (bar p99 ${barMs}${verdict})`;
};

const renderFailure = (report: ChaosReport): string[] => [
  '',
  ...report.troubles.slice(0, linesMax).map((trouble) => `TROUBLE ${trouble}`),
  ...report.violations
    .slice(0, linesMax)
    .map(({ rule, key, told }) => `VIOLATION ${rule}: ${key ?? ''} ${told}`),
  ...left(report.violations.length + report.troubles.length - 2 * linesMax),
  ...report.offenders.flatMap((story) => renderTimeline(story, report.faults)),
  '',
  'schedule as it went:',
  ...report.faults.map((fault) => `  ${renderFault(fault)}`),
  '',
  `see it again: npm run test:chaos -- --tier ${report.tier.name} --seed ${report.seed}`,
  `data, ledger and logs: ${report.home}`,
];

const left = (count: number): string[] => (count > 0 ? [`... and ${count} more`] : []);

const renderFault = ({ startedAtMs, endedAtMs, type, target, missed, isSolo }: FaultRecord): string =>
  `${instant(startedAtMs)} ${type}${isSolo ? ' (solo)' : ''}, ${missed ?? target}, for ${endedAtMs - startedAtMs} ms`;

/** What the submitter, the handlers and the database say of one job, in order, with the faults of that time. */
const renderTimeline = (
  { key, intent, ack, cancel, rows, steps }: Story,
  faults: readonly FaultRecord[],
): string[] => {
  const events: [atMs: number, told: string][] = [[intent.atMs, `submit (${intent.plan})`]];
  if (ack) events.push([ack.atMs, `acked as ${ack.id}`]);
  if (cancel) events.push([cancel.atMs, `cancel answered ${cancel.state}`]);
  for (const { what, atMs, epoch, pid, session, outcome = '' } of steps)
    events.push([atMs, `process ${pid}, session ${session}: ${what} epoch ${epoch} ${outcome}`]);
  for (const row of rows) {
    for (const [place, { claimedAtMs, endedAtMs, sessionId, outcome }] of row.leases.entries()) {
      events.push([claimedAtMs, `database: epoch ${place + 1} to session ${sessionId}`]);
      if (endedAtMs !== null) events.push([endedAtMs, `database: epoch ${place + 1} ${outcome}`]);
    }
    if (row.finishedAtMs !== null)
      events.push([row.finishedAtMs, `database: ${row.state} at epoch ${row.epoch}`]);
  }
  const lastMs = Math.max(...events.map(([atMs]) => atMs));
  for (const fault of faults) {
    if (fault.endedAtMs >= intent.atMs && fault.startedAtMs <= lastMs)
      events.push([fault.startedAtMs, `  fault: ${renderFault(fault)}`]);
  }
  events.sort(([one], [other]) => one - other);
  return ['', `${key}:`, ...events.map(([atMs, told]) => `  ${instant(atMs)} ${told}`)];
};

const instant = (atMs: number): string => new Date(atMs).toISOString().slice(11, -1);
const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

const renderFigures = (report: ChaosReport): string => {
  const { tier, seed, counts, faults, violations, troubles, sqlStates, staleFinishes, recovery } = report;
  const stored = Object.values(counts).reduce((sum, count) => sum + count.stored, 0);
  const of = (...rules: string[]): number => violations.filter(({ rule }) => rules.includes(rule)).length;
  const missed = faults.filter((fault) => fault.missed !== undefined).length;
  const p99 = (times: readonly number[]): string =>
    times.length === 0 ? 'not seen' : `${seconds(quantile(times, 0.99))} s`;
  return (
    `chaos ${tier.name} seed ${seed}: ${stored} jobs, ${faults.length} faults (${missed} missed), ${of('lost')} lost, ` +
    `${of('stored twice', 'double outcome', 'foreign outcome')} double outcomes, ` +
    `${violations.length + troubles.length} violations in all, ${sqlStates['40P01'] ?? 0} deadlocks, ` +
    `${staleFinishes.besideAnHeir} zombies; first claim p99 ${p99(recovery.firstClaims)}, ` +
    `rerun p99 ${p99(recovery.reruns)}, listener p99 ${p99(recovery.listeners)}, ` +
    `half-open p99 ${p99(recovery.halfOpen)}; ${report.seconds.toFixed(0)} s`
  );
};
