import type { JsonValue, OutputStream, ReportItem } from '@longshore/contract';
import { createUnsentOutput } from './unsent-output.ts';
import { toWireText } from './wire-json.ts';

const gapMs = 500;

type Report = Pick<ReportItem, 'seq' | 'progress' | 'output'>;

export interface ProgressReporter {
  progress(value: unknown): void;
  log(text: string, stream: OutputStream): void;
  /** Sends what is still unsent. Never rejects. */
  flush(): Promise<void>;
}

export interface ProgressReporterOptions {
  /** Throws, or rejects, for a value that is no progress of this job. */
  check(value: unknown): unknown;
  send(report: Report, bytes: number): Promise<unknown>;
  onError(error: unknown): void;
  /** Clock and timer, for tests. */
  nowMs?: () => number;
  startTimer?: (run: () => void, ms: number) => NodeJS.Timeout;
}

/**
 * Reports progress and output of one job. The first report leaves at once, later ones every 500 ms at most, unless there is
 * output for a whole one, and never two at a time: of progress the last value wins, output is kept up to 10,000 unsent lines or 8 MiB.
 */
export const createProgressReporter = (options: ProgressReporterOptions): ProgressReporter => {
  const { check, send, onError, nowMs = () => performance.now(), startTimer = setTimeout } = options;
  let unsent: { value: unknown } | undefined;
  const output = createUnsentOutput();
  let reports = 0;
  let timer: NodeJS.Timeout | undefined;
  let flight: Promise<void> | undefined;
  let sentAtMs = Number.NEGATIVE_INFINITY;

  const progress = (value: unknown): void => {
    unsent = { value };
    schedule();
  };

  const log = (text: string, stream: OutputStream): void => {
    output.add(text, stream);
    schedule();
  };

  const hasUnsent = (): boolean => unsent !== undefined || !output.isEmpty;

  const schedule = (): void => {
    if (flight || !hasUnsent()) return;
    const waitMs = output.fillsReport ? 0 : sentAtMs + gapMs - nowMs();
    if (waitMs <= 0) launch();
    else timer ??= startTimer(launch, waitMs);
  };

  const launch = (): void => {
    clearTimeout(timer);
    timer = undefined;
    sentAtMs = nowMs();
    flight = sendUnsent()
      .catch(onError)
      .finally(() => {
        flight = undefined;
        schedule();
      });
  };

  const sendUnsent = async (): Promise<void> => {
    const { lines, bytes } = output.take();
    const progress = await takeProgress();
    if (!progress && lines.length === 0) return;
    reports += 1;
    const report = {
      seq: reports,
      ...(progress && { progress: progress.json }),
      ...(lines.length > 0 && { output: lines }),
    };
    await send(report, bytes + (progress?.bytes ?? 0));
  };

  /** A value that is no progress is reported as an error and costs the lines beside it nothing. */
  const takeProgress = async (): Promise<{ json: JsonValue; bytes: number } | undefined> => {
    if (!unsent) return undefined;
    const { value } = unsent;
    unsent = undefined;
    try {
      await check(value);
      const text = toWireText(value, 'progress');
      return { json: JSON.parse(text), bytes: Buffer.byteLength(text) };
    } catch (error) {
      onError(error);
      return undefined;
    }
  };

  const flush = async (): Promise<void> => {
    output.end();
    while (flight || hasUnsent()) {
      if (!flight) launch();
      await flight;
    }
    clearTimeout(timer);
  };

  return { progress, log, flush };
};
