import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What the server did: a text it sent, or how it ended the connection (null: without a close frame). */
export type ServerEvent = { text: string } | { pong: string } | { closed: number | null };

/** A WebSocket by hand, for frames that no library would send. */
export interface RawSocket {
  /** Bytes as they are. */
  write(bytes: Buffer): void;
  /** The next thing that the server does. */
  next(): Promise<ServerEvent>;
  end(): void;
}

/** Opens a WebSocket at `url` (http) and `path`. Rejects when the upgrade is refused. */
export const openRawSocket = async (url: string, path: string): Promise<RawSocket> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // A server that has enough resets the connection.
  socket.on('error', () => {});
  await once(socket, 'connect');
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const rest = await readHandshake(socket);
  return readEvents(socket, rest);
};

const readHandshake = async (socket: Socket): Promise<Buffer> => {
  let heard = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    heard = Buffer.concat([heard, chunk as Buffer]);
    const end = heard.indexOf('\r\n\r\n');
    if (end < 0) continue;
    const status = heard.subarray(0, heard.indexOf('\r\n')).toString();
    if (!status.includes(' 101 ')) throw new Error(status);
    return heard.subarray(end + 4);
  }
  throw new Error('the server hung up');
};

const readEvents = (socket: Socket, rest: Buffer): RawSocket => {
  const events: ServerEvent[] = [];
  let wake = (): void => {};
  let isOver = false;
  let unread = rest;

  const tell = (event: ServerEvent): void => {
    if (isOver) return;
    isOver = 'closed' in event;
    events.push(event);
    wake();
  };

  const take = (): void => {
    for (let frame = readFrame(unread); frame; frame = readFrame(unread)) {
      unread = unread.subarray(frame.bytes);
      if (frame.opcode === 1) tell({ text: frame.payload.toString() });
      if (frame.opcode === 10) tell({ pong: frame.payload.toString() });
      if (frame.opcode === 8)
        tell({ closed: frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005 });
    }
  };

  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    take();
  });
  socket.on('close', () => tell({ closed: null }));
  socket.on('end', () => socket.end());
  take();
  return {
    write: (bytes) => {
      if (!socket.destroyed && socket.writable) socket.write(bytes);
    },
    next: async () => {
      while (events.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return events.shift()!;
    },
    end: () => socket.destroy(),
  };
};

/** A frame of the server: it is not masked. */
const readFrame = (bytes: Buffer): { opcode: number; payload: Buffer; bytes: number } | undefined => {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 127;
  const header = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < header) return undefined;
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < header + length) return undefined;
  return {
    opcode: bytes[0]! & 15,
    payload: bytes.subarray(header, header + length),
    bytes: header + length,
  };
};

export interface FrameOptions {
  opcode?: number;
  isFinal?: boolean;
  /** The three reserved bits. */
  reserved?: number;
  isMasked?: boolean;
  /** What the header says, whatever follows. */
  declaredLength?: bigint;
}

/** A frame of a client. */
export const writeFrame = (payload: Buffer | string, options: FrameOptions = {}): Buffer => {
  const { opcode = 1, isFinal = true, reserved = 0, isMasked = true } = options;
  const body = Buffer.from(payload);
  const length = options.declaredLength ?? BigInt(body.length);
  const header = Buffer.alloc(length < 126n ? 2 : length < 65_536n ? 4 : 10);
  header[0] = (isFinal ? 128 : 0) | (reserved << 4) | opcode;
  header[1] = (isMasked ? 128 : 0) | (length < 126n ? Number(length) : length < 65_536n ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(Number(length), 2);
  if (header.length === 10) header.writeBigUInt64BE(length, 2);
  if (!isMasked) return Buffer.concat([header, body]);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  return Buffer.concat([header, mask, body.map((byte, at) => byte ^ mask[at % 4]!)]);
};
