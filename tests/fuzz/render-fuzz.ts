import type { FuzzReport } from './run-fuzz.ts';

/** The report of a run as text: calls by name and outcome, the pace, and how to see one failing case again. */
export const renderFuzz = (report: FuzzReport): string => {
  const { seed, cases, seconds, byName, failures, unhandledRejections, eventLoopDelayMsP99, heapMbs } =
    report;
  const width = Math.max(...[...byName.keys()].map((name) => name.length));
  const lines = [...byName]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, outcomes]) => {
      const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
      const parts = [...outcomes].sort(([, one], [, other]) => other - one);
      return `${name.padEnd(width)}  ${String(total).padStart(7)}  ${parts.map(([outcome, count]) => `${outcome} ${count}`).join(', ')}`;
    });
  return [
    ...lines,
    '',
    `${cases} cases in ${seconds.toFixed(1)} s (${Math.round(cases / seconds)} a second), seed ${seed}`,
    `event loop delay p99 ${eventLoopDelayMsP99.toFixed(0)} ms, resident ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
    `heap after garbage collection ${heapMbs.map(Math.round).join(' ')} MB`,
    `${failures.length} failures, ${unhandledRejections} unhandled rejections`,
    ...firstOfEach(report).map(
      ({ name, fault, replay, shown }) =>
        `\n${name}: ${fault}\n${shown}\nsee it again: npm run test:fuzz -- --seed ${seed} --replay ${replay}`,
    ),
  ].join('\n');
};

/** One failure of each sort, ten at most. */
const firstOfEach = ({ failures }: FuzzReport): FuzzReport['failures'] => {
  const bySort = new Map(
    failures.toReversed().map((failure) => [`${failure.name} ${failure.fault}`, failure]),
  );
  return [...bySort.values()].slice(0, 10);
};
