import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { findViolations } from './boundaries.ts';
import { findBuiltSql } from './built-sql.ts';
import { findDependencyFaults, type Manifest } from './dependencies.ts';
import { findSessionSettings } from './session-settings.ts';
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

const readManifests = (): Manifest[] => {
  const rooms = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((room) => `${folder}/${room}`),
  );
  return ['', ...rooms, 'bench', 'tests', 'scripts']
    .map((room) => join(room, 'package.json'))
    .filter((path) => existsSync(join(root, path)))
    .map((path) => ({ ...JSON.parse(readFileSync(join(root, path), 'utf8')), path }));
};

const sources = folders.flatMap((folder) => readSources(join(root, folder)));
const violations = [
  ...findViolations(sources),
  ...findBuiltSql(sources),
  ...findSessionSettings(sources),
  ...findDependencyFaults(
    readManifests(),
    readFileSync(join(root, 'docs/decisions/dependencies.md'), 'utf8'),
  ),
];
for (const { path, line, rule, remedy } of violations) console.error(`${path}:${line}: ${rule}: ${remedy}`);
process.exitCode = violations.length > 0 ? 1 : 0;
