import { createApiClient } from './api-client.ts';
import {
  type HeartbeatEvent,
  type HeartbeatLoop,
  type HeartbeatSession,
  type Lease,
  type Posture,
  startHeartbeatLoop,
} from './heartbeat-loop.ts';
import { writeLeases } from './lease-text.ts';
import { holdSharedThread, joinSharedThread } from './shared-thread.ts';
import type { Connection } from './transport.ts';

export interface HeartbeatsOptions {
  connection: Connection;
  session: HeartbeatSession;
  onEvent(event: HeartbeatEvent): void;
  /** The thread died; heartbeats go on in the main thread. */
  onThreadDeath(error: unknown): void;
}

export interface Heartbeats {
  /** Names the jobs in every beat from now on. */
  hold(leases: readonly Lease[]): void;
  /** Names the job in no further beat, but for one that leaves within moments. */
  drop(lease: Lease): void;
  /** Says so in every beat from now on. */
  say(posture: Posture): void;
  /** Sends a beat now, beside the regular ones. */
  beat(): void;
  stop(): void;
}

/** A beat that names a job which just ended does no harm, so drops need not cross to the thread one by one. */
const dropMs = 20;

/**
 * Keeps a session alive from a thread that all sessions of the process share. With a `fetch` of the caller's own, or when the thread dies, the
 * heartbeats leave from the main thread, as a function cannot cross into another.
 */
export const startHeartbeats = async (options: HeartbeatsOptions): Promise<Heartbeats> => {
  const loop = options.connection.fetch ? startInMainThread(options) : await startInThread(options);
  let dropped: Lease[] = [];
  let timer: NodeJS.Timeout | undefined;

  const sendDropped = (): void => {
    clearTimeout(timer);
    timer = undefined;
    loop.drop(dropped);
    dropped = [];
  };

  return {
    // Drops first, or the thread would hold more than the runner does, and more than a beat may name.
    hold: (leases) => {
      if (timer) sendDropped();
      loop.hold(leases);
    },
    drop: (lease) => {
      dropped.push(lease);
      timer ??= setTimeout(sendDropped, dropMs);
    },
    say: loop.say,
    beat: loop.beat,
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      loop.stop();
    },
  };
};

/**
 * Starts the thread, if there is to be one, ahead of the session, and resolves with what lets go of it: on a machine under load a
 * thread can take longer to start than a short lease lasts.
 */
export const readyHeartbeats = async ({ fetch }: Connection): Promise<() => void> =>
  fetch ? () => {} : holdSharedThread();

const startInMainThread = ({ connection, session, onEvent }: HeartbeatsOptions): HeartbeatLoop =>
  startHeartbeatLoop(createApiClient(connection), session, onEvent);

const startInThread = async (options: HeartbeatsOptions): Promise<HeartbeatLoop> => {
  const { connection, session, onEvent, onThreadDeath } = options;
  const held = new Map<string, Lease>();
  let fallback: HeartbeatLoop | undefined;
  let said: Posture = {};

  const start = { url: connection.url, apiKey: connection.apiKey, session };
  const place = await joinSharedThread(start, {
    onEvent,
    onDeath: (error) => {
      fallback = startInMainThread(options);
      fallback.hold([...held.values()]);
      fallback.say(said);
      onThreadDeath(error);
    },
  });

  return {
    hold: (leases) => {
      for (const { id, leaseToken } of leases) held.set(id, { id, leaseToken });
      if (fallback) fallback.hold(leases);
      else place.post({ hold: writeLeases(leases) });
    },
    drop: (leases) => {
      for (const { id, leaseToken } of leases) if (held.get(id)?.leaseToken === leaseToken) held.delete(id);
      if (fallback) fallback.drop(leases);
      else place.post({ drop: writeLeases(leases) });
    },
    say: (posture) => {
      said = posture;
      if (fallback) fallback.say(posture);
      else place.post({ say: posture });
    },
    beat: () => {
      if (fallback) fallback.beat();
      else place.post({ beat: true });
    },
    stop: () => {
      fallback?.stop();
      place.leave();
    },
  };
};
