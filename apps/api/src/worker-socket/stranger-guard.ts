import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Closing, closings } from './closings.ts';

export interface StrangerGuardOptions {
  socket: WebSocket;
  /** What the socket speaks over. */
  stream: Duplex;
  close(closing: Closing): void;
  /** Default 10,000. */
  registrationMs?: number | undefined;
}

/** What a stranger may send in all. */
const bytesMax = 65_536;

/** Bounds what a connection costs before it has registered: time and bytes. `end` lifts the bounds. */
export const guardStranger = ({
  socket,
  stream,
  close,
  registrationMs = 10_000,
}: StrangerGuardOptions): { end(): void } => {
  let bytes = 0;
  const countBytes = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= bytesMax) return;
    close(closings.tooMuchUnregistered);
    // What is still on its way stays there.
    socket.pause();
  };
  const deadline = setTimeout(() => close(closings.registrationTimeout), registrationMs);
  stream.on('data', countBytes);
  return {
    end: () => {
      clearTimeout(deadline);
      stream.off('data', countBytes);
    },
  };
};
