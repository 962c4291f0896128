// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings hold source text.

import type { Violation } from './boundaries.ts';
import { literalsOf, type SourceFile } from './source-text.ts';
import { blankComments, lineAt, readsAsSql, statementFrom } from './sql-text.ts';
import { templatesOf } from './template-literals.ts';

/** Rooms whose statements reach a production database. */
const sqlRooms = /^packages\/(db|sdk)\/src\/(?!.*\.test(-d)?\.ts$)/;

interface Exception {
  path: string;
  /** What the built statement begins with. */
  begins: string;
  reason: string;
}

const exceptions: readonly Exception[] = [
  {
    path: 'packages/db/src/listener.ts',
    begins: 'listen ${noticeChannel}',
    reason: 'a constant of the room, and LISTEN takes no parameter',
  },
  {
    path: 'migrations/functions/wall_off_table.sql',
    begins: 'alter table %s',
    reason: 'a regclass writes itself quoted; %I would quote it again',
  },
  {
    path: 'migrations/functions/wall_off_table.sql',
    begins: 'create policy',
    reason: 'a regclass, and a list of columns that is written there',
  },
  {
    path: 'migrations/grants.sql',
    begins: 'grant select (%s) on %s',
    reason: 'a list of quote_ident, and a regclass',
  },
];

/** SQL that is put together from text. Values travel as parameters, names through format with %I. */
export const findBuiltSql = (files: readonly SourceFile[]): Violation[] =>
  files.flatMap((file) => {
    if (/^migrations\/.*\.sql$/.test(file.path)) return judgeMigration(file);
    return sqlRooms.test(file.path) ? judgeSource(file) : [];
  });

const judgeSource = ({ path, text }: SourceFile): Violation[] => {
  const templates = templatesOf(text).filter(
    ({ tag, value, isInterpolated }) =>
      isInterpolated && tag !== 'sql' && readsAsSql(value) && !isExcepted(path, value),
  );
  const joined = literalsOf(text).filter(
    ({ value, end }) => readsAsSql(value) && /^\s*\+/.test(text.slice(end)),
  );
  const raw = [...text.matchAll(/\bsql\.(raw|lit)\b/g)].map(({ index }) => ({ line: lineAt(text, index) }));
  return [...templates, ...joined, ...raw].map(({ line }) => ({
    path,
    line,
    rule: 'SQL built from text',
    remedy: 'send values as $1 parameters or by sql`...` of kysely; write a statement for each name',
  }));
};

/** `execute` of plpgsql, and not the privilege of that name. */
const executePattern = /\bexecute\b(?!\s+(on|function|procedure)\b)/gi;

const judgeMigration = ({ path, text }: SourceFile): Violation[] => {
  const sql = blankComments(text);
  return [...sql.matchAll(executePattern)].flatMap(({ index }) => {
    const statement = statementFrom(sql, index);
    const rule = faultOfExecute(statement);
    if (rule === undefined || isExcepted(path, templateOf(statement))) return [];
    return [
      {
        path,
        line: lineAt(sql, index),
        rule,
        remedy: 'execute format(...) with %I for names and %L for values',
      },
    ];
  });
};

const faultOfExecute = (statement: string): string | undefined => {
  if (statement.includes('||')) return 'execute joins strings';
  if (/%(\d+\$)?-?\d*s/.test(templateOf(statement))) return 'execute formats with %s';
  if (!/\bformat\s*\(/.test(statement) && !/^execute\s+'/i.test(statement))
    return 'execute runs text from elsewhere';
  return undefined;
};

/** The first string of a statement: what is executed, or what format fills. */
const templateOf = (statement: string): string =>
  /'((?:''|[^'])*)'|(\$\w+\$)([\s\S]*?)\2/.exec(statement)?.slice(1).filter(Boolean).at(-1) ?? '';

const isExcepted = (path: string, statement: string): boolean =>
  exceptions.some((exception) => exception.path === path && statement.startsWith(exception.begins));
