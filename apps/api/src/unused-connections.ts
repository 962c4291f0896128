import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Ends, when the app closes, the connections that have not carried a byte yet. Clients' pools open such ahead (undici
 * does after an aborted request), Node does not count them as idle, and a close would wait for them until its deadline.
 */
export const endUnusedConnections = (app: FastifyInstance): void => {
  const sockets = new Set<Socket>();
  let isClosing = false;

  app.server.on('connection', (socket: Socket) => {
    if (isClosing) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  app.addHook('preClose', async () => {
    isClosing = true;
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  });
};
