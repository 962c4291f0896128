import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Points the `exports` of the package in the working folder at its built files while `npm pack` reads them, and back at
 * the sources, which the workspace runs without a build: `node built-exports.ts on|off`.
 */
const pointExports = (isBuilt: boolean): void => {
  const file = 'package.json';
  const text = readFileSync(file, 'utf8');
  const manifest: { exports: Record<string, string | BuiltFile> } = JSON.parse(text);
  for (const [door, target] of Object.entries(manifest.exports)) {
    manifest.exports[door] = isBuilt ? toBuilt(target) : toSource(target);
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
};

interface BuiltFile {
  types: string;
  default: string;
}

const toBuilt = (target: string | BuiltFile): BuiltFile => {
  if (typeof target !== 'string') return target;
  const path = target.replace('./src/', './dist/').replace(/\.ts$/, '');
  return { types: `${path}.d.ts`, default: `${path}.js` };
};

const toSource = (target: string | BuiltFile): string =>
  typeof target === 'string' ? target : target.default.replace('./dist/', './src/').replace(/\.js$/, '.ts');

pointExports(process.argv[2] === 'on');
