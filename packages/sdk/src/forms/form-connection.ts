import { LongshoreError } from '@longshore/contract';
import type { Connection } from '../transport.ts';

/** Where the API is and who calls; what is left out comes from LONGSHORE_URL and LONGSHORE_API_KEY. */
export interface FormConnection extends Pick<Connection, 'fetch'> {
  url?: string | undefined;
  apiKey?: string | undefined;
}

/** Throws INVALID_INPUT for what neither the options nor the environment say. */
export const readConnection = (
  { url, apiKey, fetch }: FormConnection,
  env: NodeJS.ProcessEnv = process.env,
): Connection => ({
  url: required('url', 'LONGSHORE_URL', url ?? env.LONGSHORE_URL),
  apiKey: required('apiKey', 'LONGSHORE_API_KEY', apiKey ?? env.LONGSHORE_API_KEY),
  ...(fetch && { fetch }),
});

const required = (field: string, variable: string, value: string | undefined): string => {
  if (value) return value;
  throw new LongshoreError('INVALID_INPUT', `It is not known where to connect: ${field} is missing.`, {
    field,
    hint: `Give it in the options, or set ${variable}.`,
  });
};

/** A class that speaks to Redis names its server there; Longshore has an API instead. Throws INVALID_INPUT. */
export const refuseRedis = (config: object): void => {
  if (!('redis' in config) || config.redis === undefined) return;
  throw new LongshoreError('INVALID_INPUT', 'Longshore keeps its jobs in PostgreSQL and needs no Redis.', {
    field: 'redis',
    hint: 'Give { url, apiKey } of the Longshore API in its place, or set LONGSHORE_URL and LONGSHORE_API_KEY.',
  });
};
