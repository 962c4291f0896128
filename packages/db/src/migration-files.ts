import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** A file of SQL: one that is run once, or the functions of one verb. */
export interface MigrationFile {
  name: string;
  sql: string;
  sha256: string;
}

/** The schema of one release: where its files are, and its version, such as `0.2.0`. */
export interface Release {
  folder: URL;
  version: string;
}

const ownFolder = new URL('../../../migrations/', import.meta.url);

/** The release that this code belongs to. */
export const ownRelease = async (): Promise<Release> => {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return { folder: ownFolder, version: (JSON.parse(manifest) as { version: string }).version };
};

/** The numbered files, in their order. */
export const readMigrations = (folder: URL = ownFolder): Promise<MigrationFile[]> =>
  readFolder(folder, /^\d{4}_[\w-]+\.sql$/);

/** The files of functions. */
export const readFunctionFiles = (folder: URL): Promise<MigrationFile[]> =>
  readFolder(new URL('functions/', folder), /\.sql$/);

/** `roles.sql` or `grants.sql`, which hold for all of a release. */
export const readSettled = (folder: URL, name: 'roles.sql' | 'grants.sql'): Promise<string> =>
  readFile(new URL(name, folder), 'utf8');

const readFolder = async (folder: URL, pattern: RegExp): Promise<MigrationFile[]> => {
  const names = (await readdir(folder)).filter((name) => pattern.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
};
