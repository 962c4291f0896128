import type { WebSocket } from 'ws';

/** Messages of one worker that are worked on at a time, and their bytes. */
const messagesMax = 64;
const bytesMax = 16_777_216;

/** Reads no more from a socket than is worked off. */
export interface Inflow {
  admit(bytes: number, work: Promise<unknown>): void;
}

export const createInflow = (socket: WebSocket): Inflow => {
  let messages = 0;
  let bytesInWork = 0;

  const isFull = (part: number): boolean => messages >= messagesMax * part || bytesInWork >= bytesMax * part;

  return {
    admit: (bytes, work) => {
      messages += 1;
      bytesInWork += bytes;
      if (isFull(1)) socket.pause();
      const leave = (): void => {
        messages -= 1;
        bytesInWork -= bytes;
        if (socket.isPaused && !isFull(0.5)) socket.resume();
      };
      work.then(leave, leave);
    },
  };
};
