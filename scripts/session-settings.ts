import type { Violation } from './boundaries.ts';
import { literalsOf, type SourceFile } from './source-text.ts';
import { argumentsFrom, blankComments, lineAt } from './sql-text.ts';

/** Rooms whose statements reach a production database. */
const sqlRooms = /^packages\/(db|sdk)\/src\/(?!.*\.test(-d)?\.ts$)/;

const remedy = 'use `set local`, set_config(..., true) or a `set` clause of the function';

/**
 * Settings that outlive their transaction. Behind a transaction pooler they would be the next client's, and with
 * `longshore.org_id` among the settings that would be another org's.
 */
export const findSessionSettings = (files: readonly SourceFile[]): Violation[] =>
  files.flatMap(({ path, text }) => {
    if (/^migrations\/.*\.sql$/.test(path)) return faultsOf(blankComments(text)).map(locate(path, 0));
    if (!sqlRooms.test(path)) return [];
    return literalsOf(text).flatMap(({ value, line, importKind }) =>
      importKind ? [] : faultsOf(value).map(locate(path, line - 1)),
    );
  });

interface Fault {
  line: number;
  rule: string;
}

const locate =
  (path: string, linesBefore: number) =>
  ({ line, rule }: Fault): Violation => ({ path, line: line + linesBefore, rule, remedy });

/** A `set` that begins a statement; in the middle of one it belongs to an update or a function. */
const setStatement =
  /(?<=^\s*|;\s*|'\s*|\$\w*\$\s*|\b(?:begin|then|else|loop)\s+)\b(?:set|reset|SET|RESET)\s+(?!local\b|LOCAL\b|constraints\b|transaction\b)(?:session\b|role\b|all\b|time\s+zone\b|[a-z_.]+(?:\s*=|\s+to\b|\s*;))/g;

const faultsOf = (sql: string): Fault[] => [
  ...[...sql.matchAll(setStatement)]
    .filter(({ index }) => !isFunctionClause(sql, index))
    .map(({ index }) => ({ line: lineAt(sql, index), rule: 'sets for the whole session' })),
  ...[...sql.matchAll(/\bset_config\s*\(/gi)]
    .filter(({ 0: call, index }) => !/,\s*true\s*$/i.test(argumentsFrom(sql, index + call.length - 1)))
    .map(({ index }) => ({ line: lineAt(sql, index), rule: 'set_config beyond the transaction' })),
];

/** `language sql set x = 'y' as $$` in one line with a string before it. */
const isFunctionClause = (sql: string, index: number): boolean =>
  /\b(language|set|stable|immutable|volatile|definer|invoker|strict|parallel)\b[^;]*$/i.test(
    sql.slice(sql.lastIndexOf(';', index) + 1, index),
  ) && /^[^;]*\bas\s+\$/i.test(sql.slice(index));
