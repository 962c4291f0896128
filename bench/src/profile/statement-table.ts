import type { Statement } from './statements.ts';

const statementsMax = 15;
const charsMax = 70;

/** Markdown: the server's time by statement as sent, and by statement inside of the functions that were called. */
export const describeStatements = (phase: string, jobs: number, statements: readonly Statement[]): string => {
  return [
    `## PostgreSQL, ${phase}`,
    '',
    'Wall time inside the server, waits for the disk and for locks included.',
    '',
    ...tableOf(
      'sent',
      jobs,
      statements.filter(({ isSent }) => isSent),
    ),
    ...tableOf(
      'inside of functions',
      jobs,
      statements.filter(({ isSent }) => !isSent),
    ),
  ].join('\n');
};

const tableOf = (heading: string, jobs: number, statements: Statement[]): string[] => [
  `| ${heading} | on | µs a job | calls | rows a call | WAL bytes a job |`,
  '|---|---|---:|---:|---:|---:|',
  ...statements.slice(0, statementsMax).map(({ text, ms, calls, rows, walBytes }) => {
    const figures = [
      ((ms * 1_000) / jobs).toFixed(2),
      calls.toLocaleString('en'),
      (rows / calls).toFixed(1),
      (walBytes / jobs).toFixed(0),
    ];
    return `| \`${shorten(text)}\` | ${nameSubject(text)} | ${figures.join(' | ')} |`;
  }),
  '',
];

/** The first function or table of ours that a statement names, which its beginning often does not show. */
const nameSubject = (text: string): string => /"?longshore"?\."?(\w+)"?/.exec(text)?.[1] ?? '';

/** Comments go first: what is left should begin with the verb. A pipe or a backtick would break the table. */
const shorten = (text: string): string => {
  const line = text.replace(/--.*$/gm, '').replace(/\s+/g, ' ').replace(/[|`]/g, '¦').trim();
  return line.length <= charsMax ? line : `${line.slice(0, charsMax - 1)}…`;
};
