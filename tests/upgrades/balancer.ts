import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/** One address before several API processes, as a load balancer is. */
export interface Balancer {
  url: string;
  /** Where new connections go, in turns. */
  send(apiUrls: readonly string[]): void;
  close(): Promise<void>;
}

export const startBalancer = async (): Promise<Balancer> => {
  let targets: URL[] = [];
  let turn = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((incoming) => {
    turn += 1;
    const { port, hostname } = targets[turn % targets.length]!;
    const outgoing = keep(dial(Number(port), hostname));
    keep(incoming).pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroySoon());
    outgoing.on('close', () => incoming.destroySoon());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    send: (apiUrls) => {
      targets = apiUrls.map((url) => new URL(url));
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
