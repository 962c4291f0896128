import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type JobHandler, LongshoreError } from '@longshore/sdk';

/**
 * The handlers that a module exports: alone or in lists, by name or by default.
 * Throws INVALID_INPUT when the module cannot be loaded or exports none. The path is relative to the working folder.
 */
export const loadHandlers = async (path: string): Promise<JobHandler[]> => {
  const file = resolve(path);
  const exported = Object.values(await importModule(file)).flat(1);
  const handlers = [...new Set(exported.filter(isHandler))];
  if (handlers.length > 0) return handlers;
  throw new LongshoreError('INVALID_INPUT', `${file} exports no handlers.`, {
    field: 'handlers',
    hint: 'Export them: export default [greet.handler(async (payload, context) => result)]',
  });
};

const importModule = async (file: string): Promise<Record<string, unknown>> => {
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LongshoreError('INVALID_INPUT', `${file} cannot be loaded: ${reason}`, {
      field: 'handlers',
      hint: hintFor(cause),
      cause,
    });
  }
};

const hintFor = (cause: unknown): string => {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return 'This Node does not run TypeScript: use Node 24, or compile the module first.';
    case 'ERR_MODULE_NOT_FOUND':
      return 'Check the path, and that what the module imports is installed.';
    default:
      return 'Run the module alone to see where it fails: node FILE';
  }
};

const isHandler = (value: unknown): value is JobHandler =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  typeof value.kind === 'string' &&
  'perform' in value &&
  typeof value.perform === 'function';
