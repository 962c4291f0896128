import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sdkVersion } from './version.ts';

test('the version that workers tell the server is that of the package', async () => {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  expect(sdkVersion).toBe((JSON.parse(manifest) as { version: string }).version);
});
