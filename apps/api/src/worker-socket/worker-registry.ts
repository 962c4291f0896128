import { type Closing, closings } from './closings.ts';

interface Connection {
  close(closing: Closing): void;
  readonly settled: Promise<void>;
}

/** Who a registered connection is. */
export interface Place {
  /** The worker that the key belongs to, and what the process calls itself: nobody takes the name of another key's process. */
  identity: string;
  sessionId: string;
}

/** The worker connections of this process. */
export interface WorkerRegistry {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** Gives the place to a connection; whoever had it is closed. Answers the sessions that nobody goes on with. */
  take(connection: Connection, place: Place): string[];
  /** Closes whoever has this session, and waits until nothing is under way for it. */
  evict(sessionId: string): Promise<void>;
  close(closing: Closing): Promise<void>;
  /** Of those that have not taken a place. */
  readonly strangers: number;
}

export const createWorkerRegistry = (): WorkerRegistry => {
  const connections = new Set<Connection>();
  const places = new Map<Connection, Place>();
  const byIdentity = new Map<string, Connection>();
  const bySession = new Map<string, Connection>();

  const remove = (connection: Connection): void => {
    connections.delete(connection);
    const place = places.get(connection);
    if (!place) return;
    places.delete(connection);
    if (byIdentity.get(place.identity) === connection) byIdentity.delete(place.identity);
    if (bySession.get(place.sessionId) === connection) bySession.delete(place.sessionId);
  };

  return {
    add: (connection) => connections.add(connection),
    remove,
    take: (connection, place) => {
      const holders = [byIdentity.get(place.identity), bySession.get(place.sessionId)];
      const replaced = [...new Set(holders)].filter((holder) => holder !== undefined);
      const sessions = replaced.map((holder) => places.get(holder)!.sessionId);
      for (const holder of replaced) holder.close(closings.replaced);
      places.set(connection, place);
      byIdentity.set(place.identity, connection);
      bySession.set(place.sessionId, connection);
      return sessions.filter((sessionId) => sessionId !== place.sessionId);
    },
    evict: async (sessionId) => {
      const holder = bySession.get(sessionId);
      holder?.close(closings.replaced);
      await holder?.settled;
    },
    close: async (closing) => {
      const all = [...connections];
      for (const connection of all) connection.close(closing);
      await Promise.all(all.map(({ settled }) => settled));
    },
    get strangers() {
      return connections.size - places.size;
    },
  };
};
