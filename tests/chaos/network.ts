import { isHttpAnswer, isPostgresAnswer, startTcpProxy, type TcpProxy } from '@longshore/test-kit/processes';
import { createRandom } from '../races/random.ts';
import type { Seat } from './cast.ts';

/** The lines of one API process to the database. */
export interface ApiLines {
  database: TcpProxy;
  /** The listener has a line of its own, so that it alone can fall silent. */
  listen: TcpProxy;
}

/** Every line between the processes. Nobody connects around it but the harness. */
export interface Network {
  /** From workers and submitters to whichever API process is up. */
  door: TcpProxy;
  /** In the order of the API processes. */
  apiLines: ApiLines[];
  close(): Promise<void>;
}

export interface NetworkOptions {
  databasePort: number;
  apis: number;
  /** The seats of the API processes, as they are when somebody connects. */
  apiSeats(): readonly Seat[];
  seed: number;
}

export const openNetwork = async ({
  databasePort,
  apis,
  apiSeats,
  seed,
}: NetworkOptions): Promise<Network> => {
  const random = createRandom(seed);
  const door = await startTcpProxy({
    pickTarget: () => {
      const up = apiSeats().filter(({ match }) => match !== undefined);
      if (up.length === 0) return undefined;
      const { name, match } = random.pick(up);
      return { name, port: Number(new URL(match!).port) };
    },
    isAnswer: isHttpAnswer,
    random,
  });
  const toDatabase = (): Promise<TcpProxy> =>
    startTcpProxy({
      pickTarget: () => ({ name: 'postgres', port: databasePort }),
      isAnswer: isPostgresAnswer,
      random,
    });
  const apiLines = await Promise.all(
    Array.from({ length: apis }, async () => ({ database: await toDatabase(), listen: await toDatabase() })),
  );
  const proxies = [door, ...apiLines.flatMap(({ database, listen }) => [database, listen])];
  return {
    door,
    apiLines,
    close: async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))),
  };
};
