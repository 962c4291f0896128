import type { WebSocket } from 'ws';
import { createWaiters } from './waiters.ts';

export interface OutboxOptions {
  socket: WebSocket;
  /** The reader takes nothing any more, or is further behind than memory is kept for it. */
  onStalled(): void;
  /** How long a frame may wait for its reader. Default 5,000. */
  stallMs?: number;
  /** Default 16 MiB. */
  bytesMax?: number;
}

/** What is sent to one socket, as far as its reader keeps up. */
export interface Outbox {
  /** False for what cannot be sent any more. */
  send(message: { type: string; [field: string]: unknown }): boolean;
  /** Resolves once all that was sent is on its way, the socket is closed or the signal is aborted. */
  drained(signal?: AbortSignal): Promise<void>;
  close(): void;
}

export const createOutbox = ({
  socket,
  onStalled,
  stallMs = 5_000,
  bytesMax = 16_777_216,
}: OutboxOptions): Outbox => {
  let unsent = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const waiters = createWaiters();

  const noteSent = (): void => {
    unsent -= 1;
    clearTimeout(timer);
    if (isClosed) return;
    timer = unsent > 0 ? setTimeout(onStalled, stallMs) : undefined;
    if (unsent === 0) waiters.wakeAll();
  };

  return {
    send: (message) => {
      if (isClosed || socket.readyState !== socket.OPEN) return false;
      if (socket.bufferedAmount > bytesMax) {
        onStalled();
        return false;
      }
      const text = JSON.stringify(message);
      unsent += 1;
      timer ??= setTimeout(onStalled, stallMs);
      socket.send(text, noteSent);
      return true;
    },
    drained: (signal) => (unsent === 0 || isClosed ? Promise.resolve() : waiters.join(signal)),
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      waiters.wakeAll();
    },
  };
};
