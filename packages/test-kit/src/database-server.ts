import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startPostgres } from '@longshore/local-postgres';

export interface DatabaseServer {
  /** Connection string of a role that may create databases. */
  readonly url: string;
  stop(): Promise<void>;
}

const dockerAnswerMsMax = 5_000;
const defaultImage = 'postgres:18-alpine';
const connectionsMax = 300;

/**
 * The server that the tests run on: the one at DATABASE_URL, else a container where a Docker engine answers
 * (image: LONGSHORE_TEST_POSTGRES_IMAGE, default postgres:18-alpine), else an embedded one.
 */
export const startDatabaseServer = async (): Promise<DatabaseServer> => {
  const url = process.env.DATABASE_URL;
  if (url) return { url, stop: async () => {} };
  return (await startContainer()) ?? (await startEmbedded());
};

/** Undefined where there is no Docker engine or it cannot get the image: then the embedded server does as well. */
const startContainer = async (): Promise<DatabaseServer | undefined> => {
  if (!(await hasDocker())) return undefined;
  try {
    const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
    const container = await new PostgreSqlContainer(process.env.LONGSHORE_TEST_POSTGRES_IMAGE ?? defaultImage)
      .withCommand(['postgres', '-c', 'fsync=off', '-c', `max_connections=${connectionsMax}`])
      .start();
    return { url: container.getConnectionUri(), stop: async () => void (await container.stop()) };
  } catch {
    return undefined;
  }
};

const hasDocker = async (): Promise<boolean> => {
  try {
    await promisify(execFile)('docker', ['info'], { timeout: dockerAnswerMsMax });
    return true;
  } catch {
    return false;
  }
};

const startEmbedded = (): Promise<DatabaseServer> =>
  startPostgres({ settings: { max_connections: connectionsMax } });
