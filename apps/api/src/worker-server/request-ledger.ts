import { setTimeout as delay } from 'node:timers/promises';
import { isFinal, type JobState, limits } from '@longshore/contract';
import type { PackedClaim } from '@longshore/db';
import {
  type Entry,
  faultOf,
  hasLease,
  type LedgerRequest,
  makeEntry,
  type RequestOutcome,
  readEntry,
} from './ledger-entry.ts';
import type { Engine } from './open-engine.ts';
import { openServerSession, type ServerSession } from './server-session.ts';
import type { WorkerServerLogger } from './types.ts';
import { finishEntries, submitEntries, tellMoves } from './write-entries.ts';

export interface RequestLedgerOptions {
  engine: Engine;
  queue: string;
  logger: WorkerServerLogger;
  /** Somebody cancelled the request's job. */
  onCancel(requestId: string, reason: string | null): void;
}

/**
 * The tracked requests as jobs of the engine. Every call takes effect here at once and is written in the background, for each
 * request in order and in batches over all of them; what fails is logged and tried again.
 */
export interface RequestLedger {
  /** Takes up the requests of earlier runs that nobody has released. */
  open(): Promise<void>;
  /** One that is known already stays the same request. */
  track(request: LedgerRequest, workerId: string): void;
  /** Does nothing for one that is not known. */
  release(requestId: string, outcome: RequestOutcome): void;
  list(): LedgerRequest[];
  /** Resolves when everything is written. */
  flush(): Promise<void>;
  /** What is not released waits for the next run. */
  close(): Promise<void>;
}

const retryMs = 1_000;

export const createRequestLedger = (options: RequestLedgerOptions): RequestLedger => {
  const { engine, queue, logger, onCancel } = options;
  const byRequest = new Map<string, Entry>();
  const byJob = new Map<string, Entry>();
  const dirty = new Set<Entry>();
  const stopping = new AbortController();
  let session: ServerSession | undefined;
  let writing: Promise<void> | undefined;

  const write = (entry: Entry): void => {
    dirty.add(entry);
    startWriting();
  };

  const startWriting = (): void => {
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (dirty.size > 0 && !stopping.signal.aborted) startWriting();
    });
  };

  const writeAll = async (): Promise<void> => {
    // Those that come in the same turn leave together.
    await Promise.resolve();
    while (dirty.size > 0 && !stopping.signal.aborted) {
      const batch = [...dirty].slice(0, limits.batchJobsMax);
      for (const entry of batch) dirty.delete(entry);
      const left = await writeBatch(batch).catch((error: unknown) => {
        logger.error('requests could not be written, and will be again', { code: codeOf(error) });
        return batch;
      });
      for (const entry of left) dirty.add(entry);
      if (left.length > 0) await delay(retryMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };

  /** Answers those that something is left to do for. */
  const writeBatch = async (batch: Entry[]): Promise<Entry[]> => {
    await submit(batch.filter(({ isStored }) => !isStored));
    const stored = batch.filter(({ jobId }) => byJob.has(jobId));
    if (!stored.every(hasLease)) await claim();
    await tellMoves(engine, stored);
    for (const entry of await finishEntries(engine, stored)) forget(entry);
    return stored.filter((entry) => byJob.has(entry.jobId) && !hasLease(entry));
  };

  const submit = async (entries: Entry[]): Promise<void> => {
    if (entries.length === 0) return;
    const answers = await submitEntries(engine, queue, entries);
    answers.forEach((answer, at) => {
      const entry = entries[at]!;
      entry.isStored = true;
      if (answer.ok) return;
      logger.error('a request cannot be kept', { code: answer.error.code, field: answer.error.field });
      forget(entry);
    });
  };

  const claim = async (): Promise<void> => {
    for (const job of await session!.claimAll()) {
      const known = byJob.get(job.id);
      if (known) known.leaseToken = job.leaseToken;
      else adopt(job);
    }
  };

  /** A request of an earlier run. Of two with one id the older was released, and the run ended before that was written. */
  const adopt = (job: PackedClaim): void => {
    const entry = readEntry(job);
    byJob.set(entry.jobId, entry);
    const known = byRequest.get(entry.requestId);
    const [older, newer] = known && known.jobId > entry.jobId ? [entry, known] : [known, entry];
    byRequest.set(newer.requestId, newer);
    if (older) end(older, 'released');
  };

  const end = (entry: Entry, outcome: RequestOutcome): void => {
    entry.outcome = outcome;
    write(entry);
  };

  const forget = (entry: Entry): void => {
    byJob.delete(entry.jobId);
    if (byRequest.get(entry.requestId) === entry) byRequest.delete(entry.requestId);
  };

  /** Taken back by the engine: claimed again, unless it is final by now. */
  const loseLease = (entry: Entry, state: JobState | null): void => {
    entry.leaseToken = undefined;
    if (state === null || isFinal(state)) forget(entry);
    else write(entry);
  };

  const openSession = (): Promise<ServerSession> =>
    openServerSession({
      engine,
      logger,
      leases: () =>
        [...byJob.values()].filter(hasLease).map(({ jobId: id, leaseToken }) => ({ id, leaseToken })),
      onLost: (lost) => {
        for (const { id, state } of lost) {
          const entry = byJob.get(id);
          if (entry) loseLease(entry, state);
        }
      },
      onSessionLost: () => {
        for (const entry of [...byJob.values()].filter(hasLease)) loseLease(entry, 'available');
      },
      onCancel: (jobId, reason) => {
        const entry = byJob.get(jobId);
        if (entry && !entry.outcome) onCancel(entry.requestId, reason);
      },
    });

  return {
    open: async () => {
      session = await openSession();
      await claim();
    },
    track: (request, workerId) => {
      const fault = faultOf(request);
      if (fault) return logger.error('a request cannot be kept', { field: fault });
      const known = byRequest.get(request.requestId);
      const entry = known ?? makeEntry(request, workerId);
      if (known) Object.assign(known, { workerId, isMoved: true });
      byRequest.set(entry.requestId, entry);
      byJob.set(entry.jobId, entry);
      write(entry);
    },
    release: (requestId, outcome) => {
      const entry = byRequest.get(requestId);
      if (!entry) return;
      byRequest.delete(requestId);
      end(entry, outcome);
    },
    list: () =>
      Array.from(byRequest.values(), ({ requestId, category, model, message }) => ({
        requestId,
        category,
        model,
        message,
      })),
    flush: async () => {
      while (writing) await writing;
    },
    close: async () => {
      stopping.abort();
      await writing;
      await session?.close();
    },
  };
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
