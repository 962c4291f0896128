import type { Output } from '../output.ts';
import { renderSeconds } from '../render-numbers.ts';

/** Tells the steps of something long, each with how it ended and how long it took. */
export interface Story {
  title(text: string): void;
  /** Does a step; `describe` says what came of it. */
  step<Value>(label: string, work: () => Promise<Value>, describe: (value: Value) => string): Promise<Value>;
  done(label: string, text?: string): void;
  warn(label: string, text?: string): void;
  plain(text?: string): void;
}

const labelWidth = 12;

export const createStory = (output: Output): Story => {
  const { paint, tell } = output;

  const line = (mark: string, label: string, text = ''): void =>
    tell(`  ${mark} ${label.padEnd(labelWidth)}${text}`.trimEnd());

  const step: Story['step'] = async (label, work, describe) => {
    const progress = output.startProgress();
    progress.show(0, paint('dim', `  … ${label}`));
    const startedAtMs = performance.now();
    try {
      const value = await work();
      progress.end();
      const took = renderSeconds((performance.now() - startedAtMs) / 1_000);
      line(paint('green', '✓'), label, `${describe(value)}  ${paint('dim', took)}`);
      return value;
    } finally {
      progress.end();
    }
  };

  return {
    title: (text) => tell(`\n${paint('bold', text)}\n`),
    step,
    done: (label, text) => line(paint('green', '✓'), label, text),
    warn: (label, text) => line(paint('yellow', '!'), label, text),
    plain: (text = '') => tell(text && `  ${text}`),
  };
};
