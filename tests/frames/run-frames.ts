import {
  createRandom,
  fatalFrame,
  ignoredFrame,
  type MalformedFrame,
  type Random,
  refusedFrame,
} from './malformed-frames.ts';
import { openRawSocket, type RawSocket, type ServerEvent, writeFrame } from './raw-socket.ts';

export interface RunFramesOptions {
  url: string;
  /** A key of role worker. */
  workerKey: string;
  frames: number;
  seed: number;
  connectionsAtATime?: number;
  onProgress?(frames: number): void;
}

export interface FramesReport {
  frames: number;
  connections: number;
  /** Sockets by the code they were closed with. */
  closings: Map<number | null, number>;
  /** What was not as documented. */
  faults: string[];
  isAlive: boolean;
}

/** Frames that leave the socket open, before the one that ends it. Within what a stranger may send in all. */
const openFramesMax = 60;

/** Sends malformed frames, before and after a registration, and checks what docs/worker-sockets.md promises of each. */
export const runFrames = async (options: RunFramesOptions): Promise<FramesReport> => {
  const { url, frames, seed, connectionsAtATime = 8 } = options;
  const report: FramesReport = { frames: 0, connections: 0, closings: new Map(), faults: [], isAlive: false };
  const work = async (worker: number): Promise<void> => {
    const random = createRandom(seed * 1_000 + worker);
    while (report.frames < frames) {
      await runConnection(options, random, worker, report);
      options.onProgress?.(report.frames);
    }
  };
  await Promise.all(Array.from({ length: connectionsAtATime }, (_, worker) => work(worker)));
  report.isAlive = (await fetch(`${url}/health/live`)).ok;
  return report;
};

const runConnection = async (
  { url, workerKey }: RunFramesOptions,
  random: Random,
  worker: number,
  report: FramesReport,
): Promise<void> => {
  const socket = await openRawSocket(url, '/workers/socket');
  report.connections += 1;
  const isRegistered = random() < 0.5;
  const sent: MalformedFrame[] = [];
  const send = (frame: MalformedFrame): void => {
    sent.push(frame);
    report.frames += frame.frames;
    socket.write(frame.bytes);
  };
  if (isRegistered) await register(socket, workerKey, `malformed-${worker}`);
  for (let count = random() * openFramesMax; count > 0; count -= 1)
    send(isRegistered && random() < 0.5 ? refusedFrame(random) : ignoredFrame(random));
  const before = await probe(socket);
  if (before !== 'open') report.faults.push(`${describe(sent)}: ${before}, was to stay open`);
  const last = fatalFrame(random, isRegistered);
  if (before === 'open') {
    send(last);
    const closed = await untilClosed(socket);
    report.closings.set(closed, (report.closings.get(closed) ?? 0) + 1);
    if (closed !== last.closes)
      report.faults.push(`${describe([last])}: closed ${closed}, not ${last.closes}`);
  }
  socket.end();
};

const register = async (socket: RawSocket, authToken: string, workerId: string): Promise<void> => {
  const capabilities = { models: [], maxConcurrentRequests: 1 };
  const registration = { type: 'worker_registration', workerId, authToken, capabilities, kinds: ['never'] };
  socket.write(writeFrame(JSON.stringify(registration)));
  const answer = await socket.next();
  if (!('text' in answer) || !answer.text.includes('"success":true'))
    throw new Error(`the registration was answered ${JSON.stringify(answer)}`);
};

/** A ping is answered by a socket that is open, after all that was sent before it was read. */
const probe = async (socket: RawSocket): Promise<string> => {
  socket.write(writeFrame('are you there', { opcode: 9 }));
  for (;;) {
    const event: ServerEvent = await socket.next();
    if ('pong' in event) return 'open';
    if ('closed' in event) return `closed ${event.closed}`;
  }
};

const untilClosed = async (socket: RawSocket): Promise<number | null> => {
  for (;;) {
    const event = await socket.next();
    if ('closed' in event) return event.closed;
  }
};

const describe = (sent: readonly MalformedFrame[]): string =>
  sent
    .slice(-3)
    .map(({ name, bytes }) => `${name} ${bytes.subarray(0, 40).toString('hex')}`)
    .join(' | ');

/** One line of figures. */
export const renderFrames = ({ frames, connections, closings, faults, isAlive }: FramesReport): string => {
  const codes = [...closings].sort(([one], [other]) => Number(one) - Number(other));
  const closed = codes.map(([code, count]) => `${code ?? 'cut'} ${count}`).join(', ');
  return `${frames} frames over ${connections} sockets; closed: ${closed}; ${faults.length} not as documented; API ${isAlive ? 'alive' : 'dead'}`;
};
