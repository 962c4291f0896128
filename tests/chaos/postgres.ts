import { chmodSync, mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type RunningPostgres, startPostgres } from '@longshore/local-postgres';
import { createServerLog, logLinePrefix, type ServerLog } from './server-log.ts';

/** A durable PostgreSQL of the run's own, which may be struck down at any time and comes back on the same port and data. */
export interface ChaosPostgres {
  readonly url: string;
  readonly port: number;
  readonly log: ServerLog;
  /** An immediate shutdown and a start. Resolves with the instant at which it accepted connections again. */
  restart(): Promise<number>;
  stop(): Promise<void>;
}

const bindTries = 20;

export const startChaosPostgres = async (dataDir: string): Promise<ChaosPostgres> => {
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o755);
  const log = createServerLog();
  const start = (port?: number): Promise<RunningPostgres> =>
    startPostgres({
      dataDir,
      ...(port !== undefined && { port }),
      onLog: log.write,
      settings: { log_line_prefix: logLinePrefix, shared_buffers: '256MB', max_wal_size: '2GB' },
    });
  let server = await start();
  let turn: Promise<unknown> = Promise.resolve();

  const restart = async (): Promise<number> => {
    process.kill(server.pid, 'SIGQUIT');
    await server.stop();
    server = await startAgain(() => start(server.port));
    return Date.now();
  };

  return {
    url: server.url,
    port: server.port,
    log,
    restart: () => {
      const restarted = turn.then(restart);
      turn = restarted.catch(() => {});
      return restarted;
    },
    stop: async () => {
      await turn;
      await server.stop();
    },
  };
};

/** While the server is down the system may lend its port to somebody's outgoing connection. */
const startAgain = async (start: () => Promise<RunningPostgres>): Promise<RunningPostgres> => {
  for (let triesLeft = bindTries; ; triesLeft--) {
    try {
      return await start();
    } catch (error) {
      if (triesLeft === 1 || !/could not (bind|create any TCP)/.test(String(error))) throw error;
      await delay(100);
    }
  }
};
