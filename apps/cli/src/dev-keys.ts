import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The keys of a development stack, beside its data. They open nothing but that. */
export interface DevKeys {
  url: string;
  org: string;
  operator: string;
  admin: string;
  submit: string;
  worker: string;
}

const devKeys = z.object({
  url: z.string(),
  org: z.string(),
  operator: z.string(),
  admin: z.string(),
  submit: z.string(),
  worker: z.string(),
});

export const devFolder = '.longshore';
export const keysFileIn = (dataDir: string): string => join(dataDir, 'keys.json');

/** The keys in a file, or undefined where there is none that can be read as such. */
export const readDevKeys = (file: string): DevKeys | undefined => {
  if (!existsSync(file)) return undefined;
  try {
    return devKeys.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
};

/** Keeps the keys where only this user can read them. */
export const writeDevKeys = (file: string, keys: DevKeys): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  // The mode above counts for a new file only.
  chmodSync(file, 0o600);
};
