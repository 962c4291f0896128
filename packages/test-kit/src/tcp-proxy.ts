import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Where a new connection goes. */
export interface Target {
  name: string;
  port: number;
  /** Default 127.0.0.1. */
  host?: string;
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
  /** The same address by way of the proxy. */
  through(url: string): string;
  /** The connections that are open now. */
  links(): Link[];
  /** Answers what lifts it. */
  impose(trouble: Trouble): () => void;
  /** Resets every connection and refuses new ones. Answers what lifts it. */
  cut(): () => void;
  close(): Promise<void>;
}

export interface TcpProxyOptions {
  /** Asked at each connection, even while the line is cut; undefined refuses it. */
  pickTarget(): Target | undefined;
  /** Told of each piece from a client; what it gives back is the client's answer, and the piece goes no further. */
  intercept?(piece: Buffer, link: Link): Buffer | undefined;
  /** Whether this piece from the server ends an answer to something that was committed. Default none does. */
  isAnswer?(piece: Buffer): boolean;
  /** Decides whether an answer is lost. Default one of its own, which no seed repeats. */
  random?: Chance;
}

/** Such as the random of a seeded test. */
export interface Chance {
  /** A whole number from 0 up to, but without, `end`. */
  below(end: number): number;
}

/** A response of an HTTP server that says the call was done. */
export const isHttpAnswer = (piece: Buffer): boolean => piece.subarray(0, 10).equals(httpOk);
/** PostgreSQL is ready for the next statement and in no transaction: whatever was sent is committed. */
export const isPostgresAnswer = (piece: Buffer): boolean => piece.subarray(-6).equals(readyAndIdle);

const systemChance: Chance = { below: (end) => Math.floor(Math.random() * end) };
const httpOk = Buffer.from('HTTP/1.1 2');
const readyAndIdle = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** The host and port of a url. */
export const targetAt = (url: string): Target => {
  const { hostname, host, port } = new URL(url);
  return { name: host, host: hostname, port: Number(port || 5432) };
};

/** Stands between clients and servers on loopback, in good weather and bad. */
export const startTcpProxy = async (options: TcpProxyOptions): Promise<TcpProxy> => {
  const weather = createWeather(options);
  const links = new Set<Link>();
  let isCut = false;
  const server = createServer({ noDelay: true }, (client) => {
    const target = options.pickTarget();
    client.on('error', () => {});
    if (!target || isCut) return void client.resetAndDestroy();
    const link = joinSockets(client, target, weather, options.intercept);
    links.add(link);
    void link.leftAtMs.then(() => links.delete(link));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    links: () => [...links],
    impose: weather.impose,
    cut: () => {
      isCut = true;
      for (const link of links) link.reset();
      return () => {
        isCut = false;
      };
    },
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

const createWeather = ({
  isAnswer = () => false,
  random = systemChance,
}: Pick<TcpProxyOptions, 'isAnswer' | 'random'>): Weather => {
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

const joinSockets = (
  client: Socket,
  { name, host = '127.0.0.1', port }: Target,
  weather: Weather,
  intercept: TcpProxyOptions['intercept'],
): Link => {
  const server = dial({ port, host, noDelay: true });
  server.on('error', () => {});
  const link: Link = {
    target: name,
    reset: () => {
      for (const socket of [client, server]) if (!socket.destroyed) socket.resetAndDestroy();
    },
    leftAtMs: new Promise((resolve) => client.once('close', () => resolve(Date.now()))),
  };
  const carry = async (way: 'up' | 'down', from: Socket, to: Socket): Promise<void> => {
    try {
      for await (const piece of from) {
        const answer = way === 'up' ? intercept?.(piece, link) : undefined;
        if (answer) {
          client.write(answer);
          continue;
        }
        if (!(await weather.pass(link, way, piece))) return link.reset();
        // Nobody is there any more to take it, so it is not waited for: nobody would read on and see the sender leave.
        if (to.destroyed) return link.reset();
        if (!to.write(piece)) await untilDrained(to);
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

/** Until it takes more, or is gone. */
const untilDrained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      socket.off('drain', go).off('close', go);
      resolve();
    };
    socket.on('drain', go).on('close', go);
  });
