import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface FoundFiles {
  /** Relative to the folder, in order. */
  paths: string[];
  /** Files left out for their size. */
  tooLarge: number;
  /** True when there were more files than `filesMax`. */
  isCut: boolean;
}

const skippedFolders = new Set(['node_modules', '.git', 'dist', '.turbo', '.longshore']);
export const fileBytesMax = 4_000_000;
export const filesMax = 4_000;

/** The files under a folder, without what was installed or generated. Links are not followed. */
export const findFiles = (folder: string): FoundFiles => {
  const found: FoundFiles = { paths: [], tooLarge: 0, isCut: false };
  const waiting = [folder];
  for (let next = waiting.shift(); next !== undefined && !found.isCut; next = waiting.shift()) {
    for (const entry of readdirSync(next, { withFileTypes: true })) {
      const path = join(next, entry.name);
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) waiting.push(path);
      if (entry.isFile()) addFile(found, folder, path);
    }
  }
  found.paths.sort();
  return found;
};

const addFile = (found: FoundFiles, folder: string, path: string): void => {
  if (statSync(path).size > fileBytesMax) found.tooLarge += 1;
  else if (found.paths.length >= filesMax) found.isCut = true;
  else found.paths.push(relative(folder, path));
};
