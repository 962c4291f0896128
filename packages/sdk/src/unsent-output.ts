import { limits, type OutputStream, type ReportItem } from '@longshore/contract';

const linesMax = 10_000;
const bytesMax = 8 * 1_048_576;
/** Of one report: as JSON it may be six times as large, and must still fit into a request. */
const reportBytesMax = 1_048_576;

type Line = NonNullable<ReportItem['output']>[number];
interface MeasuredLine extends Line {
  bytes: number;
}

/** Output of a job that has not left yet. */
export interface UnsentOutput {
  readonly isEmpty: boolean;
  /** True when the next report can be no larger. */
  readonly fillsReport: boolean;
  /**
   * A line, cut at the limit; or a piece of `data`, which joins the one before and is split where it is too long. Half a character
   * at its end waits for the other half.
   */
  add(text: string, stream: OutputStream): void;
  /** Nothing follows: half a character waits no longer. */
  end(): void;
  /** Takes out what fits into one report, oldest first. */
  take(): { lines: Line[]; bytes: number };
}

/** Keeps what was added last, up to 10,000 lines or 8 MiB; a line of its own says how many are missing before it. */
export const createUnsentOutput = (): UnsentOutput => {
  const queue = createLineQueue();
  let half = '';

  const addData = (text: string): void => {
    for (const piece of splitText(toStorable(text))) if (!queue.join(piece)) queue.push('data', piece);
  };

  const addWhole = (text: string): void => {
    const end = text.length - (endsWithinCharacter(text) ? 1 : 0);
    half = text.slice(end);
    addData(text.slice(0, end));
  };

  return {
    get isEmpty() {
      return queue.isEmpty;
    },
    get fillsReport() {
      return queue.fillsReport;
    },
    add: (text, stream) => {
      if (stream === 'data') return addWhole(half + text);
      const [piece = Buffer.alloc(0)] = splitText(toStorable(text));
      queue.push(stream, piece);
    },
    end: () => {
      addData(half);
      half = '';
    },
    take: queue.take,
  };
};

/** The lines as they will leave, within the bounds. */
const createLineQueue = () => {
  let lines: MeasuredLine[] = [];
  let unsentBytes = 0;
  let dropped = 0;

  const dropOldest = (): void => {
    while (lines.length > linesMax || unsentBytes > bytesMax) {
      unsentBytes -= lines.shift()?.bytes ?? 0;
      dropped++;
    }
  };

  const takeGap = (): Line[] => {
    const gap: Line[] = dropped > 0 ? [{ stream: 'log', text: `${dropped} lines were dropped here` }] : [];
    dropped = 0;
    return gap;
  };

  return {
    get isEmpty() {
      return lines.length === 0;
    },
    get fillsReport() {
      return lines.length >= limits.batchJobsMax || unsentBytes >= reportBytesMax;
    },
    push: (stream: OutputStream, piece: Buffer): void => {
      lines.push({ stream, text: piece.toString(), bytes: piece.length });
      unsentBytes += piece.length;
      dropOldest();
    },
    /** False when the piece has no place in the last line. */
    join: (piece: Buffer): boolean => {
      const last = lines.at(-1);
      if (last?.stream !== 'data' || last.bytes + piece.length > limits.outputLineBytesMax) return false;
      last.text += piece.toString();
      last.bytes += piece.length;
      unsentBytes += piece.length;
      dropOldest();
      return true;
    },
    take: (): { lines: Line[]; bytes: number } => {
      const taken = takeGap();
      let count = 0;
      let bytes = 0;
      for (const { stream, text, bytes: lineBytes } of lines) {
        if (taken.length === limits.batchJobsMax || (count > 0 && bytes + lineBytes > reportBytesMax)) break;
        taken.push({ stream, text });
        bytes += lineBytes;
        count++;
      }
      lines = lines.slice(count);
      unsentBytes -= bytes;
      return { lines: taken, bytes };
    },
  };
};

/** PostgreSQL stores no NUL. */
const toStorable = (text: string): Buffer => Buffer.from(text.replaceAll('\u0000', '\uFFFD'));

/** Pieces up to the limit of a line, none of which ends within a character. */
const splitText = (bytes: Buffer): Buffer[] => {
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(bytes.length, start + limits.outputLineBytesMax);
    while (end < bytes.length && isWithinCharacter(bytes[end]!)) end--;
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
};

/** True for text that is cut between the two halves of a character. */
const endsWithinCharacter = (text: string): boolean => {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
};

const isWithinCharacter = (byte: number): boolean => (byte & 0b1100_0000) === 0b1000_0000;
