import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Points the `exports` of the package in the working folder at its built files while `npm pack` reads them, and back at
 * the sources, which the workspace runs without a build: `node built-exports.ts on|off`.
 */
const pointExports = (isBuilt: boolean): void => {
  const file = 'package.json';
  const text = readFileSync(file, 'utf8');
  const manifest: { exports: { '.': unknown } } = JSON.parse(text);
  manifest.exports['.'] = isBuilt
    ? { types: './dist/index.d.ts', default: './dist/index.js' }
    : './src/index.ts';
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
};

pointExports(process.argv[2] === 'on');
