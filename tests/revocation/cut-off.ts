import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

export interface CutOff {
  /** The same database, by way of here. */
  url: string;
  /** Ends every connection that goes through here, and lets nobody through any more. */
  cut(): Promise<void>;
}

/** Stands between an API process and the database it listens on. */
export const startCutOff = async (databaseUrl: string): Promise<CutOff> => {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((incoming) => {
    const outgoing = keep(dial(Number(target.port), target.hostname));
    keep(incoming).pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { url: url.href, cut };
};
