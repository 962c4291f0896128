import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { endProcess, spawnReady } from '@longshore/test-kit/processes';

/** A queue under measurement, ours or a peer: the same jobs, worker processes of its own, the same PostgreSQL. */
export interface Subject {
  /** As the tables print it; ours is `longshore`. */
  name: string;
  version: string;
  /** What was chosen beside its defaults, in a few words. */
  settings: string;
  /** Processes of its own between callers and the database (our API, Redis): their CPU counts as the server's. */
  serverPids: number[];
  /** Submits one job that does nothing. */
  submitOne(): Promise<unknown>;
  /** Submits so many jobs that do nothing, in one call. */
  submitMany(count: number): Promise<unknown>;
  /** Submits one job whose handler notes when it began. */
  submitStamp(): Promise<unknown>;
  startWorker(options: WorkerOptions): Promise<SubjectWorker>;
  /** Removes every job, waiting or finished, and lets the database settle. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  concurrency: number;
  /** `done` resolves after so many completed jobs; without it, never. */
  jobs?: number;
}

export interface SubjectWorker {
  pid: number;
  /** Resolves once the process has completed as many jobs as it was started for. */
  done: Promise<void>;
  /** Jobs it has completed so far, as it tells every tenth of a second. */
  completed(): number;
  /** When the last of those was completed, in milliseconds on the clock that all processes share. */
  completedAtMs(): number;
  /** Emits `stamp` with the instant, in milliseconds, at which the handler of a stamp job began. */
  stamps: EventEmitter<{ stamp: [startedAtMs: number] }>;
  end(): Promise<void>;
}

/** A peer that this machine does not have, and why. */
export class MissingSubject extends Error {}

/** Starts a worker process that writes `ready`, `stamped <instant>`, `completed <jobs> <instant>` and `done`, each a line. */
export const startSubjectWorker = async (
  file: string,
  env: Record<string, string>,
): Promise<SubjectWorker> => {
  const { child, lines } = await spawnReady(file, /(ready)/, env);
  const stamps: SubjectWorker['stamps'] = new EventEmitter();
  let completed = 0;
  let completedAtMs = 0;
  const done = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const [word, figure, instant] = line.split(' ');
      if (word === 'stamped') stamps.emit('stamp', Number(figure));
      if (word === 'completed') [completed, completedAtMs] = [Number(figure), Number(instant)];
      if (word === 'done') resolve();
    });
  });
  return {
    pid: pidOf(child),
    done,
    completed: () => completed,
    completedAtMs: () => completedAtMs,
    stamps,
    end: () => endProcess(child),
  };
};

/** The id of a process that is known to have started. */
export const pidOf = (child: ChildProcess): number => child.pid!;
