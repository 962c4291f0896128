import type { Socket } from 'node:net';

export interface StallGuard {
  /** Looks after a connection until it closes. */
  watch(socket: Socket): void;
}

export interface StallGuardOptions {
  /** How long a connection may take nothing of what waits for it. */
  stallMs?: number;
  lookMs?: number;
  nowMs?: () => number;
}

interface Flow {
  /** What the kernel has taken of what was written. */
  takenBytes: number;
  sinceMs: number;
}

/**
 * Closes connections whose reader has stopped: something waits to be sent, and for 4.5 s none of it went. Together with the time
 * between two looks that is within 5 s. The reader comes back with the id of his last event and misses nothing.
 */
export const createStallGuard = ({
  stallMs = 4_500,
  lookMs = 500,
  nowMs = () => performance.now(),
}: StallGuardOptions = {}): StallGuard => {
  const flows = new Map<Socket, Flow>();
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    for (const [socket, flow] of flows) {
      const takenBytes = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0 || takenBytes !== flow.takenBytes) {
        flows.set(socket, { takenBytes, sinceMs: nowMs() });
      } else if (nowMs() - flow.sinceMs >= stallMs) socket.destroy();
    }
  };

  return {
    watch: (socket) => {
      if (socket.destroyed) return;
      flows.set(socket, { takenBytes: socket.bytesWritten, sinceMs: nowMs() });
      timer ??= setInterval(look, lookMs).unref();
      socket.once('close', () => {
        flows.delete(socket);
        if (flows.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
    },
  };
};
