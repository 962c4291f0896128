import { describe, expect, it } from 'vitest';
import { createProgressReporter } from './progress-reporter.ts';
import type { JobReport } from './worker-session.ts';

/** A reporter whose clock and timer the test holds. */
const createTestReporter = (check: (value: unknown) => unknown = () => undefined) => {
  const sent: JobReport[] = [];
  const errors: unknown[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const clock = { nowMs: 0 };
  const reporter = createProgressReporter({
    check,
    send: async (report) => sent.push(report),
    onError: (error) => errors.push(error),
    nowMs: () => clock.nowMs,
    startTimer: (run, ms) => {
      timers.push({ run, ms });
      return setTimeout(() => undefined, 0);
    },
  });
  return { reporter, sent, errors, timers, clock };
};

const settleMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('progress reporter', () => {
  it('sends the first value at once and of those that follow only the last', async () => {
    const { reporter, sent, timers } = createTestReporter();
    reporter.progress(1);
    await settleMicrotasks();
    for (const value of [2, 3, 4]) reporter.progress(value);
    expect(sent).toEqual([{ seq: 1, progress: 1 }]);
    expect(timers.map(({ ms }) => ms)).toEqual([500]);
    timers[0]?.run();
    await settleMicrotasks();
    expect(sent).toEqual([
      { seq: 1, progress: 1 },
      { seq: 2, progress: 4 },
    ]);
  });

  it('keeps every line, in order, with at most 1,000 a report', async () => {
    const { reporter, sent } = createTestReporter();
    for (let line = 0; line < 2_500; line++) reporter.log(`line ${line}`, 'log');
    await reporter.flush();
    const lines = sent.map(({ output }) => output ?? []);
    expect(lines.every(({ length }) => length <= 1_000)).toBe(true);
    expect(lines.flat().map(({ text }) => text)).toEqual(
      Array.from({ length: 2_500 }, (_, line) => `line ${line}`),
    );
  });

  it('has sent everything once it is flushed', async () => {
    const { reporter, sent } = createTestReporter();
    reporter.progress('half');
    await settleMicrotasks();
    reporter.progress('all');
    reporter.log('done', 'stdout');
    await reporter.flush();
    expect(sent.at(-1)).toEqual({ seq: 2, progress: 'all', output: [{ stream: 'stdout', text: 'done' }] });
  });

  it('tells of a value that the schema refuses, and still sends the lines beside it', async () => {
    const { reporter, sent, errors } = createTestReporter(() => {
      throw new Error('no progress');
    });
    reporter.progress('wrong');
    reporter.log('a line', 'log');
    await reporter.flush();
    expect(errors).toHaveLength(1);
    expect(sent.flatMap(({ output }) => output ?? [])).toHaveLength(1);
    expect(sent.some((report) => 'progress' in report)).toBe(false);
  });

  it('cuts a line at the limit, and replaces what cannot be stored', async () => {
    const { reporter, sent } = createTestReporter();
    reporter.log('\u00e9'.repeat(20_000), 'log');
    reporter.log('a\u0000b', 'log');
    await reporter.flush();
    const [long, odd] = sent.flatMap(({ output }) => output ?? []);
    expect(Buffer.byteLength(long?.text ?? '')).toBeLessThanOrEqual(16_384);
    expect(odd?.text).toBe('a\uFFFDb');
  });

  it('joins what is written in pieces, splits what is too long, and changes no character of it', async () => {
    const { reporter, sent } = createTestReporter();
    const text = '\u{1F6A2}\u00e9'.repeat(10_000);
    reporter.log('first', 'log');
    for (const character of text) reporter.log(character, 'data');
    reporter.log('last', 'stdout');
    await reporter.flush();
    const lines = sent.flatMap(({ output }) => output ?? []);
    const written = lines.slice(1, -1);
    expect([lines[0], lines.at(-1)].map((line) => line?.text)).toEqual(['first', 'last']);
    expect(written.map((line) => line.text).join('')).toBe(text);
    expect(written.every((line) => Buffer.byteLength(line.text) <= 16_384)).toBe(true);
    expect(written.length).toBeLessThan(10);
  });

  it('leaves no gap between reports while there is output for a whole one', async () => {
    const { reporter, sent, timers } = createTestReporter();
    for (let line = 0; line < 2_500; line++) reporter.log(`line ${line}`, 'log');
    await settleMicrotasks();
    expect(sent.map(({ output }) => output?.length)).toEqual([1, 1_000, 1_000]);
    expect(timers).toHaveLength(1);
    for (let line = 0; line < 501; line++) reporter.log(`more ${line}`, 'log');
    await settleMicrotasks();
    expect(sent.at(-1)?.output).toHaveLength(1_000);
    await reporter.flush();
    expect(sent.flatMap(({ output }) => output ?? [])).toHaveLength(3_001);
  });

  it('says how many lines are missing where they were, when there were too many to keep', async () => {
    const { reporter, sent } = createTestReporter();
    for (let line = 0; line < 10_006; line++) reporter.log(`line ${line}`, 'log');
    await reporter.flush();
    const texts = sent.flatMap(({ output }) => output ?? []).map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual(['line 0', '5 lines were dropped here', 'line 6']);
    expect(texts.at(-1)).toBe('line 10005');
    expect(texts).toHaveLength(10_002);
    expect(sent.every(({ output = [] }) => output.length <= 1_000)).toBe(true);
  });

  it('keeps no more than 8 MiB, however few lines they are', async () => {
    const { reporter, sent } = createTestReporter();
    for (let line = 0; line < 1_000; line++) reporter.log('x'.repeat(16_384), 'stdout');
    await reporter.flush();
    const lines = sent.flatMap(({ output }) => output ?? []);
    expect(lines[1]).toEqual({ stream: 'log', text: '487 lines were dropped here' });
    expect(lines).toHaveLength(1 + 1 + 512);
  });

  it('keeps a character whole that was written in halves, over a report between them too', async () => {
    const { reporter, sent } = createTestReporter();
    const [first, second] = ['\u{1F6A2}'.slice(0, 1), '\u{1F6A2}'.slice(1)];
    reporter.log(`a${first}`, 'data');
    await settleMicrotasks();
    expect(sent).toHaveLength(1);
    reporter.log(`${second}b${first}`, 'data');
    await reporter.flush();
    const lines = sent.flatMap(({ output }) => output ?? []);
    expect(lines.map(({ text }) => text).join('')).toBe('a\u{1F6A2}b\uFFFD');
  });

  it('sends no report that is too large for a request', async () => {
    const { reporter, sent } = createTestReporter();
    for (let line = 0; line < 200; line++) reporter.log('\u001b'.repeat(16_384), 'stdout');
    await reporter.flush();
    const lines = sent.flatMap(({ output }) => output ?? []);
    expect(lines).toHaveLength(200);
    expect(sent.every((report) => JSON.stringify(report).length < 8_388_608)).toBe(true);
  });
});
