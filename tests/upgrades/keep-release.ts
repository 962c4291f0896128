import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileOfRelease, packRelease, readVersion } from './kept-release.ts';

// `npm run keep-release`, once for each release, in the commit that is released: later ones are tested against it.

const version = readVersion();
const file = fileOfRelease(version);
if (existsSync(file)) {
  console.error(`${version} is kept already: raise the version first, or remove ${file}`);
  process.exit(1);
}
mkdirSync(dirname(file), { recursive: true });
await packRelease(file);
console.log(`kept ${version}`);
