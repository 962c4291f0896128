import { limits, type OutputStream, type ReportItem } from '@longshore/contract';

const linesMax = 10_000;
/** Of one report: as JSON it may be six times as large, and must still fit into a request. */
const reportBytesMax = 1_048_576;

type Line = NonNullable<ReportItem['output']>[number];
interface MeasuredLine extends Line {
  bytes: number;
}

/** Output of a job that has not left yet. */
export interface UnsentOutput {
  readonly isEmpty: boolean;
  /** A line, cut at the limit; or a piece of `data`, which joins the one before and is split where it is too long. */
  add(text: string, stream: OutputStream): void;
  /** Takes out what fits into one report, oldest first. */
  take(): { lines: Line[]; bytes: number };
}

/** Keeps what was added last, up to 10,000 lines. */
export const createUnsentOutput = (): UnsentOutput => {
  let lines: MeasuredLine[] = [];

  const push = (line: MeasuredLine): void => {
    if (lines.length === linesMax) lines.shift();
    lines.push(line);
  };

  const addData = (text: string): void => {
    for (const piece of splitText(toStorable(text))) {
      const last = lines.at(-1);
      if (last?.stream === 'data' && last.bytes + piece.length <= limits.outputLineBytesMax) {
        last.text += piece.toString();
        last.bytes += piece.length;
      } else push({ stream: 'data', text: piece.toString(), bytes: piece.length });
    }
  };

  return {
    get isEmpty() {
      return lines.length === 0;
    },
    add: (text, stream) => {
      if (stream === 'data') return addData(text);
      const [piece = Buffer.alloc(0)] = splitText(toStorable(text));
      push({ stream, text: piece.toString(), bytes: piece.length });
    },
    take: () => {
      let count = 0;
      let bytes = 0;
      for (const line of lines) {
        if (count === limits.batchJobsMax || (count > 0 && bytes + line.bytes > reportBytesMax)) break;
        bytes += line.bytes;
        count++;
      }
      const taken = lines.slice(0, count).map(({ stream, text }) => ({ stream, text }));
      lines = lines.slice(count);
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

const isWithinCharacter = (byte: number): boolean => (byte & 0b1100_0000) === 0b1000_0000;
