import { createWorker, LongshoreError, type Worker } from '@longshore/sdk';
import { followWorker } from './follow-worker.ts';
import { loadHandlers } from './load-handlers.ts';
import { createLog, type Log } from './log.ts';
import { helpText, readSettings, type WorkerSettings } from './read-settings.ts';
import { type Ending, stopOnSignals } from './stop-on-signals.ts';

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Runs a worker until a signal stops it or the server refuses its key. Resolves with the exit code.
 * Standard output gets one line, `longshore worker ready: <name>`, when jobs can come; logs go to standard error.
 */
export const runWorkerProcess = async (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> => {
  let settings: WorkerSettings | undefined;
  try {
    settings = readSettings(args, env);
  } catch (error) {
    return tellFailure(error, exitCodes.usage);
  }
  if (settings) return runWith(settings);
  process.stdout.write(helpText);
  return exitCodes.ok;
};

const runWith = async (settings: WorkerSettings): Promise<number> => {
  const log = openLog(settings);
  try {
    const worker = createWorker({ ...settings, handlers: await loadHandlers(settings.handlers) });
    followWorker(worker, log);
    const ending = stopOnSignals({ worker, drainSeconds: settings.drainSeconds, log });
    const exitCode = await serve(worker, ending, settings, log);
    log.info('stopped', { exitCode });
    return exitCode;
  } catch (error) {
    return tellFailure(error, exitCodes.failed);
  }
};

const openLog = ({ logFormat, logLevel }: WorkerSettings): Log =>
  createLog({
    format: logFormat ?? (process.stderr.isTTY ? 'text' : 'json'),
    level: logLevel,
    write: (line) => process.stderr.write(line),
  });

const serve = async (worker: Worker, ending: Ending, { url }: WorkerSettings, log: Log): Promise<number> => {
  const refused = whenRefused(worker);
  const forgetReady = worker.on('sessionOpened', ({ workerName }) => {
    forgetReady();
    process.stdout.write(`longshore worker ready: ${workerName}\n`);
  });
  log.info('connecting', { url });
  try {
    await worker.start();
  } catch (error) {
    if (!ending.isStopping) throw error;
  }
  return Promise.race([ending.stopped, refused]);
};

/** A key that was revoked will not come back: rather than try for ever, let whoever started us know. */
const whenRefused = (worker: Worker): Promise<never> =>
  new Promise((_, reject) => {
    worker.on('error', async ({ error }) => {
      if (!isRefusal(error)) return;
      await worker.forceStop();
      reject(error);
    });
  });

const isRefusal = (error: unknown): error is LongshoreError =>
  error instanceof LongshoreError && (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN');

const tellFailure = (error: unknown, exitCode: number): number => {
  const lines = isRefusal(error)
    ? [`the server refused the key: ${error.message}`, keyHint]
    : [
        error instanceof Error ? error.message : String(error),
        error instanceof LongshoreError ? error.hint : undefined,
      ];
  process.stderr.write(`longshore-worker: ${lines.filter(Boolean).join('\n  ')}\n`);
  return exitCode;
};

const keyHint = 'LONGSHORE_API_KEY must hold a key from `longshore workers register` that is not revoked.';
