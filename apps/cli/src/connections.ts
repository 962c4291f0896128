import { LongshoreError } from '@longshore/contract';
import {
  type AdminClient,
  type Client,
  type Connection,
  createAdminClient,
  createClient,
} from '@longshore/sdk';
import type { Environment } from './command.ts';
import { devFolder, keysFileIn, readDevKeys } from './dev-keys.ts';
import type { Output } from './output.ts';

export const defaultUrl = 'http://127.0.0.1:4455';

/** What says where the API is and who calls. */
export interface ConnectionSource {
  readonly values: { readonly url?: string | undefined };
  readonly env: Environment;
  readonly output: Output;
}

/** A client for jobs. Throws UNAUTHENTICATED when there is no key to call with. */
export const openClient = (source: ConnectionSource): Client => createClient(findConnection(source, 'admin'));

/** A client for keys, workers and queues. Throws UNAUTHENTICATED when there is no key to call with. */
export const openAdminClient = (source: ConnectionSource): AdminClient =>
  createAdminClient(findConnection(source, 'admin'));

/** A client for orgs. Throws UNAUTHENTICATED when there is no key to call with. */
export const openOperatorClient = (source: ConnectionSource): AdminClient =>
  createAdminClient(findConnection(source, 'operator'));

/** The database to use. Throws INVALID_INPUT when none is named. */
export const findDatabaseUrl = (
  values: { 'database-url'?: string | undefined },
  env: Environment,
): string => {
  const url = values['database-url'] ?? env.DATABASE_URL;
  if (url) return url;
  throw new LongshoreError('INVALID_INPUT', 'No database is named.', {
    hint: 'Set DATABASE_URL, or give --database-url.',
  });
};

const findConnection = (
  { values, env, output }: ConnectionSource,
  role: 'admin' | 'operator',
): Connection => {
  const url = values.url ?? (env.LONGSHORE_URL || undefined);
  if (env.LONGSHORE_API_KEY) return { url: url ?? defaultUrl, apiKey: env.LONGSHORE_API_KEY };
  const keysFile = keysFileIn(devFolder);
  const keys = readDevKeys(keysFile);
  // Keys made for this machine are shown to this machine only, wherever the file says the API is.
  if (keys && isLoopback(url ?? keys.url)) {
    output.note(`using the ${role} key of ${keysFile}`);
    return { url: url ?? keys.url, apiKey: keys[role] };
  }
  throw new LongshoreError('UNAUTHENTICATED', 'LONGSHORE_API_KEY is not set.', {
    hint: 'Set it to a key of this deployment, or start `longshore dev` in this folder.',
  });
};

const isLoopback = (url: string): boolean =>
  URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
