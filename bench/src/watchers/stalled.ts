import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readText } from '../processes.ts';
import { nowMs } from '../worker-lines.ts';

export interface Stalled {
  /** For each the milliseconds from when its buffers were full to when the server let go of it. */
  closedAfterMs(): number[];
  end(): void;
}

const lookMs = 50;
const established = '01';

interface Flow {
  waiting: string;
  sinceMs: number;
  closedAfterMs: number | undefined;
}

/** Watches a job over so many connections from which nothing is ever read. What becomes of them is seen in /proc. */
export const openStalled = async (
  url: string,
  apiKey: string,
  jobId: string,
  count: number,
): Promise<Stalled> => {
  const { hostname, port } = new URL(url);
  const input = encodeURIComponent(JSON.stringify({ id: jobId }));
  const request = `GET /trpc/jobs.watch?input=${input} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${apiKey}\r\n\r\n`;
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname).pause();
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(request);
      return socket;
    }),
  );
  const flows = new Map(sockets.map((socket) => [socket.localPort!, newFlow()]));
  const timer = setInterval(() => look(Number(port), flows), lookMs);
  return {
    closedAfterMs: () => [...flows.values()].flatMap(({ closedAfterMs }) => closedAfterMs ?? []),
    end: () => {
      clearInterval(timer);
      for (const socket of sockets) destroy(socket);
    },
  };
};

const newFlow = (): Flow => ({ waiting: '', sinceMs: nowMs(), closedAfterMs: undefined });

const destroy = (socket: Socket): void => void socket.destroy();

/** The server's ends of the connections: what waits in them, and whether it still holds them. */
const look = (serverPort: number, flows: Map<number, Flow>): void => {
  const held = new Map<number, string>();
  for (const line of (readText('/proc/net/tcp') ?? '').split('\n').slice(1)) {
    const [, local, remote, state, queues] = line.trim().split(/\s+/);
    if (state !== established || portOf(local) !== serverPort) continue;
    held.set(portOf(remote), queues!.split(':')[0]!);
  }
  for (const [port, flow] of flows) {
    const waiting = held.get(port);
    if (waiting === undefined) flow.closedAfterMs ??= nowMs() - flow.sinceMs;
    else if (waiting !== flow.waiting) Object.assign(flow, { waiting, sinceMs: nowMs() });
  }
};

const portOf = (address: string | undefined): number => Number.parseInt(address?.split(':')[1] ?? '', 16);
