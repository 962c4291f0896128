import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';

/** Stands between a program and a server, and can behave as a bad network does. */
export interface TcpProxy {
  /** The same address by way of the proxy. */
  through(url: string): string;
  /** Connections that were tried so far. */
  readonly connections: number;
  /** Open connections are dead from now on: nothing passes, in either direction, and nobody is told. New ones are no better. */
  swallow(): void;
  /** Open connections are cut, new ones are closed at once. */
  refuse(): void;
  /** New connections pass again; those that were swallowed stay dead. */
  pass(): void;
  close(): Promise<void>;
}

export interface TcpProxyOptions {
  /** What the client hears to these bytes instead of the server's word, which they then do not reach. */
  answer?(sent: Buffer): Buffer | undefined;
}

interface Link {
  client: Socket;
  server: Socket;
  isDead: boolean;
}

/** Listens on a free port of 127.0.0.1 and leads to the host and port of `target`, a URL. */
export const startTcpProxy = async (
  target: string,
  { answer = () => undefined }: TcpProxyOptions = {},
): Promise<TcpProxy> => {
  const { hostname, port } = new URL(target);
  const links = new Set<Link>();
  let mode: 'pass' | 'swallow' | 'refuse' = 'pass';
  let connections = 0;

  const server = createServer((client) => {
    connections += 1;
    client.on('error', () => {});
    if (mode === 'refuse') return void client.destroy();
    join({ client, server: dial(Number(port), hostname), isDead: mode === 'swallow' });
  });

  const join = (link: Link): void => {
    links.add(link);
    link.server.on('error', () => {});
    link.client.on('data', (sent) => {
      if (link.isDead) return;
      const answered = answer(sent);
      if (answered) link.client.write(answered);
      else link.server.write(sent);
    });
    link.server.on('data', (sent) => link.isDead || link.client.write(sent));
    link.server.on('close', () => link.isDead || link.client.destroy());
    link.client.on('close', () => {
      links.delete(link);
      link.server.destroy();
    });
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    through: (url) => {
      const own = { hostname: '127.0.0.1', port: String((server.address() as AddressInfo).port) };
      return Object.assign(new URL(url), own).href;
    },
    get connections() {
      return connections;
    },
    swallow: () => {
      mode = 'swallow';
      for (const link of links) link.isDead = true;
    },
    refuse: () => {
      mode = 'refuse';
      for (const { client } of links) client.destroy();
    },
    pass: () => {
      mode = 'pass';
    },
    close: async () => {
      server.close();
      for (const { client } of links) client.destroy();
      await once(server, 'close');
    },
  };
};
