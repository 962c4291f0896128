import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A row of the table in docs/reliability.md. */
export interface BugRow {
  /** Such as `B-07`. */
  bug: string;
  /** Files that the row names, from the root of the repository. */
  files: string[];
  /** Why the bug cannot apply, if the row says so. */
  reason: string | undefined;
}

export const readBugList = (): BugRow[] =>
  readFileSync(join(root, 'docs/reliability.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| B-\d+ \|/.test(line))
    .map((line) => {
      const [, bug, , seenBy] = line.split('|');
      const links = [...seenBy!.matchAll(/\]\(([^)]+)\)/g)];
      return {
        bug: bug!.trim(),
        files: links.map(([, path]) => normalize(join('docs', path!))),
        reason: /^Cannot apply: (.{20,})$/.exec(seenBy!.trim())?.[1],
      };
    });

/** The numbers with which the titles of tests begin, before a colon, by file. */
export const findNumberedTests = (): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>();
  for (const file of ['tests', 'packages', 'apps', 'scripts'].flatMap(listSources)) {
    const titles = readFileSync(join(root, file), 'utf8').matchAll(/['"`]((?:B-\d+(?:, )?)+): /g);
    const bugs = [...titles].flatMap(([, numbers]) => numbers!.split(', '));
    if (bugs.length > 0) found.set(file, new Set(bugs));
  }
  return found;
};

const listSources = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : listSources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
