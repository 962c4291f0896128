import { readFileSync } from 'node:fs';

/** Text of a file of SQL beside the caller, whose `import.meta.url` is given. */
export const readSql = (file: string, besideUrl: string): string =>
  readFileSync(new URL(file, besideUrl), 'utf8');
