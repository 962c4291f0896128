import { stripVTControlCharacters } from 'node:util';

/** One line that is rewritten on a terminal, and written every tenth of the way elsewhere. */
export interface ProgressLine {
  /** Whether it is rewritten. */
  readonly isLive: boolean;
  /** `fraction` is how far it is, 0 to 1. */
  show(fraction: number, text: string): void;
  /** Writes a line that stays, above this one. */
  tell(text: string): void;
  /** Takes the line away. */
  end(): void;
}

const clearLine = '\r\u001b[2K';

/** Draws on a terminal only; NO_COLOR says nothing about moving the cursor. */
export const createProgressLine = (stream: NodeJS.WriteStream): ProgressLine => {
  let shown = '';
  let lastTenth = 0;

  const showLive = (text: string): void => {
    const columns = stream.columns || 80;
    const fits = stripVTControlCharacters(text).length < columns;
    const next = fits ? text : stripVTControlCharacters(text).slice(0, columns - 1);
    if (next !== shown) stream.write(clearLine + next);
    shown = next;
  };

  const showByTenths = (fraction: number, text: string): void => {
    const tenth = Math.floor(fraction * 10);
    if (tenth <= lastTenth) return;
    lastTenth = tenth;
    stream.write(`${text}\n`);
  };

  return {
    isLive: stream.isTTY,
    show: (fraction, text) => (stream.isTTY ? showLive(text) : showByTenths(fraction, text)),
    tell: (text) => {
      stream.write(`${shown && clearLine}${text}\n${shown}`);
    },
    end: () => {
      if (shown) stream.write(clearLine);
      shown = '';
    },
  };
};

/** A bar of so many characters: `███████░░░`. */
export const renderBar = (fraction: number, width: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
};
