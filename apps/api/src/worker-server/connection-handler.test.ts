import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { openSocketWorker } from '../worker-socket/testing/socket-worker.ts';
import { ConnectionHandler } from './connection-handler.ts';
import { WorkerPool } from './worker-pool.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

test('a worker that is gone before its session is open leaves none behind', async () => {
  const [opening, mayOpen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = Promise.withResolvers<string>();
  const pool = new WorkerPool();
  const handler = new ConnectionHandler(pool, {
    openSession: async () => {
      opening.resolve();
      await mayOpen.promise;
      return 'session-1';
    },
    closeSession: ended.resolve,
  });
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  closers.push(() => server.close());
  await once(server, 'listening');
  const gone = once(server, 'connection').then(async ([socket, request]) => {
    handler.handleConnection(socket, request);
    await once(socket, 'close');
  });
  const worker = await openSocketWorker(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    path: '/',
  });
  const answer = worker.register();
  await opening.promise;
  worker.socket.terminate();
  await expect(answer).rejects.toThrow('closed');
  await gone;
  mayOpen.resolve();
  expect(await ended.promise).toBe('session-1');
  expect(pool.getWorkerInfoList()).toEqual([]);
});
