/** A SQL text with its comments blanked, every other character in its place. */
export const blankComments = (sql: string): string =>
  sql.replace(stringOrComment, (found) => (found.startsWith("'") ? found : found.replace(/[^\n]/g, ' ')));

const stringOrComment = /'(?:''|[^'])*'|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** The statement of a text without comments from `start` to its semicolon, which is none inside a string. */
export const statementFrom = (sql: string, start: number): string => {
  const [statement = ''] = /^(?:'(?:''|[^'])*'|(\$\w+\$)[\s\S]*?\1|[^;'])*/.exec(sql.slice(start)) ?? [];
  return statement;
};

/** The arguments of a call, from its opening parenthesis to the one that closes it; strings may hold any. */
export const argumentsFrom = (sql: string, open: number): string => {
  let depth = 0;
  for (const { 0: token, index } of sql.slice(open).matchAll(/'(?:''|[^'])*'|[()]/g)) {
    if (token === '(') depth++;
    if (token === ')' && --depth === 0) return sql.slice(open + 1, open + index);
  }
  return sql.slice(open + 1);
};

export const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** True for text that PostgreSQL would take as a statement. Prose may begin with the same verb, not go on like one. */
export const readsAsSql = (text: string): boolean => statementPatterns.some((pattern) => pattern.test(text));

const objects =
  '(or\\s+replace\\s+)?(unique\\s+)?(table|index|view|function|procedure|schema|role|user|policy|type|sequence|trigger|database|extension)';
const statementPatterns = [
  /^\s*(select|insert\s+into|update|delete\s+from|with)\b[\s\S]*(\b(from|set|values|where)\b|longshore\.)/i,
  new RegExp(`^\\s*(create|alter|drop|comment\\s+on)\\s+${objects}\\b`, 'i'),
  /^\s*(grant|revoke)\s[\s\S]*\b(on|to|from)\b/i,
  /^\s*(set|reset)\s+(local\s+|session\s+)?[\w.$]+(\s*=|\s+to\b)/,
  /^\s*(set|reset)\s+(local\s+)?(session|role)\b/,
  /^\s*(listen|unlisten|notify|truncate|call|copy|lock\s+table|vacuum|savepoint|rollback\s+to)\s/,
];
