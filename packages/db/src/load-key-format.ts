import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LongshoreError } from '@longshore/contract';
import { createKeyFormat, type KeyFormat, type KeyHash } from './api-key.ts';

export interface KeyFormatSettings {
  /** Default `lsh`. */
  prefix?: string | undefined;
  /** Path of a module whose default export is the hash function; relative to the working directory. */
  hashModule?: string | undefined;
  /** The hash function itself; wins over the module. */
  hash?: KeyHash | undefined;
}

/** The key format that a deployment is set to. Throws INVALID_INPUT when the module cannot be used. */
export const loadKeyFormat = async ({ prefix, hashModule, hash }: KeyFormatSettings): Promise<KeyFormat> => {
  const named = hash === undefined && hashModule !== undefined ? await loadHash(hashModule) : undefined;
  return createKeyFormat({ prefix, hash: hash ?? named });
};

const loadHash = async (path: string): Promise<KeyHash> => {
  const loaded = await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    throw refusal(`cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  });
  if (typeof loaded.default === 'function') return loaded.default;
  throw refusal('has no function as its default export');
};

const refusal = (what: string, cause?: unknown): LongshoreError =>
  new LongshoreError('INVALID_INPUT', `the module of LONGSHORE_KEY_HASH_MODULE ${what}`, {
    field: 'LONGSHORE_KEY_HASH_MODULE',
    hint: 'Give the path of a module like: export default (key) => createHash("sha256").update(key).digest();',
    cause,
  });
