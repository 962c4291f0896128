import { readFileSync } from 'node:fs';

const { devDependencies } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { devDependencies: Record<string, string> };

/** The version of a peer that is installed: the room pins each exactly. */
export const versionOf = (peer: string): string => devDependencies[peer]!;
