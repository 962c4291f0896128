import { styleText } from 'node:util';
import { createProgressLine, type ProgressLine } from './progress-line.ts';

export type Style = Parameters<typeof styleText>[0];

/** Where a command's words go: answers to standard output, chatter to standard error. */
export interface Output {
  readonly isJson: boolean;
  /** The answer: the value as JSON with `--json`, else the text. */
  answer(value: unknown, renderText: () => string): void;
  /** Something said beside the answer. */
  note(text: string): void;
  /** The story of a long command: standard output, or standard error when that is kept for JSON. */
  tell(text: string): void;
  /** Colours a text that is told or answered; leaves it alone for NO_COLOR and where nobody looks. */
  paint(style: Style, text: string): string;
  /** A line at the foot of what is told that shows how far something is. */
  startProgress(): ProgressLine;
}

export interface OutputStreams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

export const createOutput = (isJson: boolean, { stdout, stderr }: OutputStreams): Output => {
  const story = isJson ? stderr : stdout;
  let progress: ProgressLine | undefined;
  const tell = (text: string): void => {
    if (progress) progress.tell(text);
    else story.write(`${text}\n`);
  };
  return {
    isJson,
    answer: (value, renderText) =>
      void stdout.write(`${isJson ? JSON.stringify(value, null, 2) : renderText()}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    tell,
    paint: (style, text) => styleText(style, text, { stream: story }),
    startProgress: () => {
      const line = createProgressLine(story);
      progress = line;
      return {
        ...line,
        end: () => {
          line.end();
          progress = undefined;
        },
      };
    },
  };
};
