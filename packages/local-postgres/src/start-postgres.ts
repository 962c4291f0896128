import { findBinaries, reachableBinaries } from './binaries.ts';
import { type ClusterFolder, initCluster, openClusterFolder, removeClusterFolder } from './cluster-folder.ts';
import { stopOrphan } from './orphan.ts';
import { serverAccount } from './server-account.ts';
import { launchServer, type ServerSettings } from './server-process.ts';

export interface StartPostgresOptions {
  /** Where the cluster lives and stays. Left out: a temporary folder that goes when the server stops. */
  dataDir?: string;
  /** TCP port on 127.0.0.1. Left out: any free one. */
  port?: number;
  /** Server settings by name, as in postgresql.conf; they win over ours. */
  settings?: ServerSettings;
  /** Whether commits survive a power cut. Default: only with a `dataDir`. */
  isDurable?: boolean;
  /** Gets the server's log as it is written. */
  onLog?: (text: string) => void;
}

export interface RunningPostgres {
  /** Connection string of the superuser `postgres`, password included. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** Ends open connections and the server, and removes a temporary folder. Calling it again is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server of its own, on loopback only, from the binaries that npm installed.
 * The server ends with this process, even when the process is killed. A server that an earlier run left behind on
 * the same `dataDir` is stopped first; one whose owner still runs is refused.
 * Throws Error with the server's own words when it cannot start.
 */
export const startPostgres = async (options: StartPostgresOptions = {}): Promise<RunningPostgres> => {
  const account = serverAccount();
  const isDurable = options.isDurable ?? options.dataDir !== undefined;
  const folder = openClusterFolder(options.dataDir, account);
  try {
    const binaries = reachableBinaries(await findBinaries(), folder, account);
    await stopOrphan(folder);
    const password = await initCluster(folder, { binaries, account, isDurable });
    const settings = { ...(isDurable ? {} : fastAndForgetful), ...options.settings };
    const { port, onLog } = options;
    const server = await launchServer(folder, { binaries, account, settings, port, onLog });
    const url = `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`;
    return {
      url,
      port: server.port,
      pid: server.pid,
      dataDir: folder.path,
      stop: stopOnce(server.stop, folder),
    };
  } catch (error) {
    removeClusterFolder(folder);
    throw error;
  }
};

const fastAndForgetful: ServerSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const stopOnce = (stopServer: () => Promise<void>, folder: ClusterFolder) => {
  let stopped: Promise<void> | undefined;
  return (): Promise<void> => {
    stopped ??= stopServer().then(() => removeClusterFolder(folder));
    return stopped;
  };
};
