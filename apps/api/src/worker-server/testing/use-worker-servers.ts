import { afterEach } from 'vitest';
import { openSocketWorker, type SocketWorker } from '../../worker-socket/testing/socket-worker.ts';
import type { WorkerServerOptions } from '../options.ts';
import { WorkerServer } from '../worker-server.ts';

/** What is used of the database of a test file. */
interface Database {
  readonly apiUrl: string;
}

/** Worker servers of a test file, each in an org of its own, and workers at them. All are closed after each test. */
export const useWorkerServers = (database: Database) => {
  const closers: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  let orgs = 0;
  return {
    /** Runs after the test, before what was opened earlier is closed. */
    closeLater: (close: () => Promise<void> | void): void => void closers.push(close),
    startServer: async (options: Partial<WorkerServerOptions> = {}): Promise<WorkerServer> => {
      const own = { port: 0, host: '127.0.0.1', databaseUrl: database.apiUrl, org: `org-${++orgs}` };
      const server = new WorkerServer({ ...own, ...options });
      await server.start();
      closers.push(() => server.stop());
      return server;
    },
    openWorker: async (
      server: WorkerServer,
      options: { id?: string; authToken?: string; headers?: Record<string, string> } = {},
    ): Promise<SocketWorker> => {
      const { id: workerId = 'worker-1', ...rest } = options;
      const worker = await openSocketWorker(`http://127.0.0.1:${server.port}`, {
        workerId,
        ...rest,
        path: '/',
      });
      closers.push(() => worker.socket.terminate());
      return worker;
    },
  };
};
