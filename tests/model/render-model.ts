import type { ModelReport } from './run-model.ts';

/** A report as text: every transition and refusal that was seen, how often, and one line of figures at the end. */
export const renderModel = (report: ModelReport): string => {
  const { commands, runs, byName, transitions, refusals, failure } = report;
  const table = (title: string, counts: Map<string, number>): string[] => [
    title,
    ...[...counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, times]) => `  ${String(times).padStart(7)} ${name}`),
  ];
  return [
    ...table('transitions', transitions),
    ...table('refused', refusals),
    ...(failure ? [failure] : []),
    `model: ${commands} commands of ${byName.size} kinds in ${runs} runs, ${transitions.size} transitions, ` +
      `${refusals.size} refusals, ${failure ? 1 : 0} differences`,
  ].join('\n');
};
