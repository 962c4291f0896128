export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  path: string;
  text: string;
}

export interface Literal {
  /** What stands between the quotes. */
  value: string;
  line: number;
  /** The place in the text behind its closing quote. */
  end: number;
  /** Set when the literal names the module of an import or a re-export. */
  importKind?: 'type' | 'value';
}

/**
 * The string and template literals of a TypeScript text, comments left out.
 * A pattern, not a parser (TypeScript 7 has no API to ask): a quote inside a regular expression can hide the rest of
 * its line, which is good enough for a fence.
 */
export const literalsOf = (text: string): Literal[] =>
  [...text.matchAll(commentOrLiteral)].flatMap((match) => {
    const [whole] = match;
    if (whole.startsWith('/')) return [];
    const before = text.slice(0, match.index);
    const importKind = importKindAt(before);
    const line = before.split('\n').length;
    const end = match.index + whole.length;
    return [{ value: whole.slice(1, -1), line, end, ...(importKind && { importKind }) }];
  });

const commentOrLiteral =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/g;

const importKindAt = (textBefore: string): Literal['importKind'] => {
  const before = `\n${textBefore}`;
  if (/\b(import|require)\s*\(\s*$/.test(before)) return 'value';
  if (!/\b(from|import)\s*$/.test(before)) return undefined;
  const statement = before.slice(Math.max(before.lastIndexOf('\nimport '), before.lastIndexOf('\nexport ')));
  return /^\s*(import|export)\s+type\b/.test(statement) ? 'type' : 'value';
};
