import { EventEmitter } from 'node:events';
import { endProcess, spawnReady } from '@longshore/test-kit/processes';

/** A queue under measurement, ours or a peer: the same jobs, one worker process, the same PostgreSQL. */
export interface Subject {
  name: string;
  /** Submits one job whose handler notes when it began. */
  submitStamp(): Promise<unknown>;
  /** Submits so many jobs that do nothing, in one call. */
  submitMany(count: number): Promise<unknown>;
  startWorker(options: { concurrency: number; jobs?: number }): Promise<SubjectWorker>;
  close(): Promise<void>;
}

export interface SubjectWorker {
  /** Resolves once the process has completed as many jobs as it was started for. */
  done: Promise<void>;
  /** Emits `stamp` with the instant, in milliseconds, at which the handler of a stamp job began. */
  stamps: EventEmitter<{ stamp: [startedAtMs: number] }>;
  end(): Promise<void>;
}

/** Starts a worker process that writes `ready`, `stamped <instant>` and `done`, each a line. */
export const startSubjectWorker = async (
  file: string,
  env: Record<string, string>,
): Promise<SubjectWorker> => {
  const { child, lines } = await spawnReady(file, /(ready)/, env);
  const stamps: SubjectWorker['stamps'] = new EventEmitter();
  const done = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const [word, startedAtMs] = line.split(' ');
      if (word === 'stamped') stamps.emit('stamp', Number(startedAtMs));
      if (word === 'done') resolve();
    });
  });
  return { done, stamps, end: () => endProcess(child) };
};
