import { fileURLToPath } from 'node:url';
import { type Subject, startSubjectWorker } from '../subject.ts';

/** Starts a peer's worker process: a file beside the caller's own, told its settings by the environment. */
export const peerWorker =
  (file: string, besideUrl: string, env: Record<string, string>): Subject['startWorker'] =>
  ({ concurrency, jobs = 0 }) =>
    startSubjectWorker(fileURLToPath(new URL(file, besideUrl)), {
      CONCURRENCY: String(concurrency),
      JOBS: String(jobs),
      ...env,
    });
