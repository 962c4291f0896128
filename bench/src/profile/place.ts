import { fileURLToPath } from 'node:url';
import type { CallFrame } from './cpu-profile.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** What the time of functions without a file is counted under. */
export const nativeCode = 'native code';

/** Where a function is written, short enough for a table, and what its time is counted under. */
export const placeOf = ({ functionName, url, lineNumber }: CallFrame): { place: string; group: string } => {
  const at = (file: string): string => `${file}:${lineNumber + 1}`;
  if (url === '') return { place: '', group: functionName.startsWith('(') ? functionName : nativeCode };
  if (url.startsWith('node:internal/deps/undici')) return { place: at(url), group: 'node fetch (undici)' };
  if (url.startsWith('node:')) return { place: at(url), group: 'node internals' };
  if (url.startsWith('wasm:')) return { place: 'wasm', group: 'wasm' };
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const installed = path.lastIndexOf('node_modules/');
  if (installed >= 0) {
    const file = path.slice(installed + 'node_modules/'.length);
    return { place: at(file), group: packageOf(file) };
  }
  const file = path.startsWith(repository) ? path.slice(repository.length) : path;
  return { place: at(file), group: file };
};

const packageOf = (file: string): string =>
  file
    .split('/')
    .slice(0, file.startsWith('@') ? 2 : 1)
    .join('/');
