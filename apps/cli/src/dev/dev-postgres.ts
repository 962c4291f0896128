import type { RunningPostgres } from '@longshore/local-postgres';
import type { LocalStack } from '../stack/local-stack.ts';

export interface DevPostgres {
  postgres: RunningPostgres;
  /** Why the data folder is not used, when it is not. */
  refusal: string | undefined;
}

/**
 * The cluster in the data folder. Root in a checkout that is closed to others gets a temporary one instead: PostgreSQL
 * does not run as root, and its own user may not enter there.
 */
export const startDevPostgres = async (stack: LocalStack, dataDir: string): Promise<DevPostgres> => {
  try {
    return { postgres: await stack.startPostgres({ dataDir }), refusal: undefined };
  } catch (error) {
    if (!isClosedFolder(error)) throw error;
    return { postgres: await stack.startPostgres({ isDurable: true }), refusal: error.message };
  }
};

const isClosedFolder = (error: unknown): error is Error =>
  process.getuid?.() === 0 && error instanceof Error && error.message.includes('may not enter');
