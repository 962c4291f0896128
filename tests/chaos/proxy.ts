import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../races/random.ts';

/** Where a new connection goes. */
export interface Target {
  name: string;
  port: number;
}

/** One connection through the proxy. */
export interface Link {
  readonly target: string;
  /** Both ends see a reset. */
  reset(): void;
  /** Resolves with the instant at which whoever opened the connection let go of it. */
  readonly leftAtMs: Promise<number>;
}

/** `up` is towards the server. */
export type Direction = 'up' | 'down' | 'both';

/** What is wrong on the line until it is lifted. */
export interface Trouble {
  /** Added to every piece, each way. */
  latencyMs?: number;
  /** Bytes and goodbyes this way stay on the way until the trouble is over. */
  stalls?: Direction;
  /** Share of the server's answers that are lost with their connection; what they answer has been done. */
  losesAnswers?: number;
  /** Default every link, those of later too. */
  concerns?(link: Link): boolean;
}

export interface TcpProxy {
  readonly port: number;
  links(): Link[];
  /** Answers what lifts it. */
  impose(trouble: Trouble): () => void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Undefined refuses the connection. */
  pickTarget(): Target | undefined;
  /** Whether this piece from the server ends an answer to something that was committed. */
  isAnswer(piece: Buffer): boolean;
  random: Random;
}

/** A response of an HTTP server that says the call was done. */
export const isHttpAnswer = (piece: Buffer): boolean => piece.subarray(0, 10).equals(httpOk);
/** PostgreSQL is ready for the next statement and in no transaction: whatever was sent is committed. */
export const isPostgresAnswer = (piece: Buffer): boolean => piece.subarray(-6).equals(readyAndIdle);

const httpOk = Buffer.from('HTTP/1.1 2');
const readyAndIdle = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** Stands between clients and servers on loopback, in good weather and bad. */
export const startProxy = async (options: ProxyOptions): Promise<TcpProxy> => {
  const weather = createWeather(options);
  const links = new Set<Link>();
  const server = createServer({ noDelay: true }, (client) => {
    const target = options.pickTarget();
    client.on('error', () => {});
    if (!target) return void client.resetAndDestroy();
    const link = joinSockets(client, target, weather);
    links.add(link);
    void link.leftAtMs.then(() => links.delete(link));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    links: () => [...links],
    impose: weather.impose,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      weather.clear();
      for (const link of links) link.reset();
      await closed;
    },
  };
};

interface Weather {
  impose(trouble: Trouble): () => void;
  clear(): void;
  untilClear(link: Link, way: 'up' | 'down'): Promise<void>;
  /** Resolves when the piece may go on; false when it never arrives. */
  pass(link: Link, way: 'up' | 'down', piece: Buffer): Promise<boolean>;
}

const createWeather = ({ isAnswer, random }: ProxyOptions): Weather => {
  const troubles = new Set<Trouble>();
  let lifted = Promise.withResolvers<void>();

  const lift = (trouble: Trouble): void => {
    if (!troubles.delete(trouble)) return;
    lifted.resolve();
    lifted = Promise.withResolvers<void>();
  };
  const concerning = (link: Link): Trouble[] =>
    troubles.size === 0 ? [] : [...troubles].filter(({ concerns }) => concerns?.(link) ?? true);
  const isStalled = (link: Link, way: 'up' | 'down'): boolean =>
    concerning(link).some(({ stalls }) => stalls === way || stalls === 'both');
  const untilClear = async (link: Link, way: 'up' | 'down'): Promise<void> => {
    while (isStalled(link, way)) await lifted.promise;
  };

  return {
    impose: (trouble) => {
      troubles.add(trouble);
      return () => lift(trouble);
    },
    clear: () => {
      for (const trouble of troubles) lift(trouble);
    },
    untilClear,
    pass: async (link, way, piece) => {
      const concerned = concerning(link);
      const latencyMs = concerned.reduce((sum, trouble) => sum + (trouble.latencyMs ?? 0), 0);
      if (latencyMs > 0) await delay(latencyMs);
      if (isStalled(link, way)) await untilClear(link, way);
      const losesAnswers = Math.max(0, ...concerned.map((trouble) => trouble.losesAnswers ?? 0));
      const isLost = way === 'down' && losesAnswers > 0 && isAnswer(piece);
      return !(isLost && random.below(1_000_000) < losesAnswers * 1_000_000);
    },
  };
};

const joinSockets = (client: Socket, target: Target, weather: Weather): Link => {
  const server = dial({ port: target.port, host: '127.0.0.1', noDelay: true });
  server.on('error', () => {});
  const link: Link = {
    target: target.name,
    reset: () => {
      for (const socket of [client, server]) if (!socket.destroyed) socket.resetAndDestroy();
    },
    leftAtMs: new Promise((resolve) => client.once('close', () => resolve(Date.now()))),
  };
  const carry = async (way: 'up' | 'down', from: Socket, to: Socket): Promise<void> => {
    try {
      for await (const piece of from) {
        if (!(await weather.pass(link, way, piece))) return link.reset();
        if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
      await weather.untilClear(link, way);
      to.end();
    } catch {
      // A broken connection is news that travels by the same line.
      await weather.untilClear(link, way);
      link.reset();
    }
  };
  void carry('up', client, server);
  void carry('down', server, client);
  return link;
};
