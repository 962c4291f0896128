import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, createAdmin } from '@longshore/db';
import { useDatabase } from '@longshore/test-kit';
import { describe, expect, it } from 'vitest';
import { readSnippets } from './read-snippets.ts';

const snippets = await readSnippets();
const ofLanguage = (language: string) => snippets.filter((snippet) => snippet.language === language);

describe('the snippets in the documents', () => {
  const database = useDatabase();

  it('are SQL that runs as it stands', async () => {
    const db = connect({ url: database.url, poolSize: 1 });
    await createAdmin(db).createOrg('acme');
    await db.close();
    const client = await database.connect();
    await client.query('create table orders (id int primary key)');
    for (const { code } of ofLanguage('sql')) await client.query(code);
    const [row] = await database.query<{ count: string }>('select count(*) from longshore.jobs');
    expect(Number(row!.count)).toBeGreaterThanOrEqual(ofLanguage('sql').length);
  });

  it('are TypeScript that type-checks, each in the file that its first line names', async () => {
    // Below node_modules, so that imports resolve as they do for a user of the packages.
    const folder = new URL('../../node_modules/.cache/longshore-snippets/', import.meta.url);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const { document, code } of ofLanguage('ts')) {
      const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];
      expect(name, `a snippet of ${document} has no file name in its first line`).toBeDefined();
      await writeFile(new URL(name!, folder), code);
    }
    await writeFile(new URL('package.json', folder), '{ "type": "module" }');
    await writeFile(new URL('tsconfig.json', folder), JSON.stringify(tsconfig));
    await expect(promisify(execFile)('tsc', ['-p', fileURLToPath(folder)])).resolves.toBeDefined();
  });
});

const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2024'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: ['node'],
  },
};
