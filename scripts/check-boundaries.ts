import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { findViolations } from './boundaries.ts';
import type { SourceFile } from './source-text.ts';

const root = join(import.meta.dirname, '..');
const folders = ['packages', 'apps', 'bench', 'tests', 'scripts', 'migrations'];
const generatedFolders = new Set(['node_modules', 'dist']);

const readSources = (folder: string): SourceFile[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return generatedFolders.has(entry.name) ? [] : readSources(path);
    if (!/\.(ts|sql)$/.test(entry.name)) return [];
    return [{ path: relative(root, path).replaceAll(sep, '/'), text: readFileSync(path, 'utf8') }];
  });

const violations = findViolations(folders.flatMap((folder) => readSources(join(root, folder))));
for (const { path, line, rule, remedy } of violations) console.error(`${path}:${line}: ${rule}: ${remedy}`);
process.exitCode = violations.length > 0 ? 1 : 0;
