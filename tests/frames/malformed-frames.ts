import { type FrameOptions, writeFrame } from './raw-socket.ts';

/** Bytes to send, and what is promised of them. */
export interface MalformedFrame {
  name: string;
  bytes: Buffer;
  /** How many frames that is. */
  frames: number;
  /** The code that the socket is closed with; undefined when it stays open. */
  closes?: number;
}

export type Random = () => number;

/** The same numbers for the same seed (mulberry32). */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)]!;

const junk: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x',
  '\u0000',
  '\ud800',
  [],
  {},
  [[]],
  [null],
  { type: null },
  { type: [] },
  9e15 + 0.5,
];
const workTypes = [
  'work_complete',
  'work_failed',
  'work_release',
  'work_snooze',
  'work_progress',
  'work_output',
];
const id = '01890000-0000-7000-8000-000000000000';

const text = (value: unknown): MalformedFrame => ({
  name: 'text',
  bytes: writeFrame(typeof value === 'string' ? value : JSON.stringify(value)),
  frames: 1,
});

/** What is no message of the protocol: ignored, whoever sends it. */
export const ignoredFrame = (random: Random): MalformedFrame => pick(random, ignored)(random);

const ignored: readonly ((random: Random) => MalformedFrame)[] = [
  (random) => text(JSON.stringify(pick(random, junk))),
  (random) => text([pick(random, junk), { type: 'heartbeat' }]),
  (random) =>
    text({
      type: pick(
        random,
        junk.filter((value) => typeof value !== 'string'),
      ),
    }),
  (random) => text({ kind: 'heartbeat', value: pick(random, junk) }),
  (random) =>
    text(
      pick(random, ['{', '}', '{"type":', 'nulll', '[1,', '"', '\u2028', '{"type":"heartbeat"', 'NaN', '']),
    ),
  (random) => text({ type: 'heartbeat', workerId: 'nobody', timestamp: pick(random, junk) }),
  (random) => text(`${'['.repeat(200 + random() * 200)}`),
  () => text(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`),
  () => text('{"__proto__":{"type":"heartbeat"}}'),
  (random) => fragments(JSON.stringify(pick(random, junk)), 1 + Math.floor(random() * 4)),
  () => ({ name: 'pong', bytes: writeFrame('', { opcode: 10 }), frames: 1 }),
];

const fragments = (whole: string, pieces: number): MalformedFrame => {
  const size = Math.ceil(whole.length / pieces) || 1;
  const parts = Array.from({ length: pieces }, (_, at) => whole.slice(at * size, (at + 1) * size));
  // A control frame may stand between the parts of a message.
  const frames = parts.flatMap((part, at) => [
    writeFrame(part, { opcode: at === 0 ? 1 : 0, isFinal: at === pieces - 1 }),
    ...(at < pieces - 1 ? [writeFrame('between', { opcode: 10 })] : []),
  ]);
  return { name: 'fragments', bytes: Buffer.concat(frames), frames: frames.length };
};

/** Messages of the protocol that say nonsense: answered with an error at most. Of registered workers only. */
export const refusedFrame = (random: Random): MalformedFrame => pick(random, refused)(random);

const refused: readonly ((random: Random) => MalformedFrame)[] = [
  (random) =>
    text({
      type: pick(random, workTypes),
      requestId: pick(random, [...junk, id]),
      result: pick(random, junk),
    }),
  (random) =>
    text({
      type: pick(random, workTypes),
      requestId: id,
      error: pick(random, junk),
      text: pick(random, junk),
    }),
  (random) => text({ type: 'worker_registration', capabilities: pick(random, junk) }),
  (random) =>
    text({ type: 'heartbeat', workerId: pick(random, ['somebody', null, 7]), timestamp: pick(random, junk) }),
  (random) =>
    text({ type: pick(random, ['__proto__', 'constructor', 'toString', 'work_request', 'x'.repeat(2_000)]) }),
  (random) => text({ type: 'work_progress', requestId: id, progress: 'x'.repeat(random() * 20_000) }),
  (random) =>
    text(
      `{"type":"work_progress","requestId":"${id}","progress":${'['.repeat(2_000)}${']'.repeat(2_000)}}${random() < 0.5 ? '' : ' '}`,
    ),
];

/** What ends a connection, with the code that docs/worker-sockets.md promises. */
export const fatalFrame = (random: Random, isRegistered: boolean): MalformedFrame =>
  pick(random, [...fatal, ...(isRegistered ? [] : fatalToStrangers)])(random);

const raw = (closes: number, payload: Buffer | string, options: FrameOptions): MalformedFrame => ({
  name: `close ${closes}`,
  bytes: writeFrame(payload, options),
  frames: 1,
  closes,
});

const notUtf8 = [
  Buffer.from([0xff]),
  Buffer.from([0xc3, 0x28]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf5, 1, 1, 1]),
];

const fatal: readonly ((random: Random) => MalformedFrame)[] = [
  (random) => raw(1003, Buffer.from([random() * 256]), { opcode: 2 }),
  (random) => raw(1007, pick(random, notUtf8), {}),
  (random) => raw(1002, 'x', { opcode: pick(random, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) }),
  (random) => raw(1002, 'x', { reserved: 1 + Math.floor(random() * 7) }),
  () => raw(1002, 'null', { isMasked: false }),
  () => raw(1002, 'no beginning', { opcode: 0 }),
  () => raw(1002, 'x'.repeat(126), { opcode: 9 }),
  () => raw(1002, 'part of a ping', { opcode: 9, isFinal: false }),
  () => raw(1002, Buffer.from([0x03]), { opcode: 8 }),
  (random) =>
    raw(1002, writeCode(pick(random, [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535])), { opcode: 8 }),
  () => raw(1009, '', { declaredLength: 2n ** 40n }),
  () => raw(1009, '', { declaredLength: 2n ** 62n }),
  (random) => ({
    name: 'close 1002',
    bytes: Buffer.concat([
      writeFrame('{', { isFinal: false }),
      writeFrame('a new one', { isFinal: random() < 0.5 }),
    ]),
    frames: 2,
    closes: 1002,
  }),
];

const writeCode = (code: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return bytes;
};

const registration = {
  type: 'worker_registration',
  workerId: 'malformed',
  workerName: 'malformed',
  capabilities: { models: [], maxConcurrentRequests: 1 },
};

const fatalToStrangers: readonly ((random: Random) => MalformedFrame)[] = [
  (random) => ({
    ...text({ type: pick(random, [...workTypes, 'status_update', 'goodbye']), requestId: id }),
    closes: 4004,
  }),
  (random) => ({ ...text({ type: 'worker_registration', capabilities: pick(random, junk) }), closes: 4005 }),
  (random) => {
    const field = pick(random, [
      'workerId',
      'workerName',
      'capabilities',
      'authToken',
      'kinds',
      'sessionId',
      'heldRequests',
    ]);
    return {
      ...text({ ...registration, [field]: pick(random, [7, [7], { a: 1 }, true, null]) }),
      closes: 4005,
    };
  },
  () => ({ ...text({ ...registration, authToken: 'lsh_worker_wrong' }), closes: 4001 }),
  () => ({ ...text(registration), closes: 4001 }),
  () => ({ name: 'too much', bytes: writeFrame('x'.repeat(70_000)), frames: 1, closes: 1009 }),
];
