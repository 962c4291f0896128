import {
  type ClaimedJob,
  type FailItem,
  type FinishAnswer,
  type JsonValue,
  LongshoreError,
  limits,
  type ReleaseItem,
  type ReportItem,
  type SnoozeItem,
  uuidV7,
} from '@longshore/contract';
import type { ApiClient } from './api-client.ts';
import { createGatherer, type Gatherer } from './gatherer.ts';
import type { Posture } from './heartbeat-loop.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { JobOutcome } from './job-outcome.ts';
import { JsonText } from './json-text.ts';
import { requireSendable } from './messages/message-desk.ts';
import type { CallOptions } from './retry-policy.ts';
import { waitAtMost } from './wait-at-most.ts';

const requestBytesMax = 4 * 1_048_576;
/** How long a worker that stops waits for its session to be closed. */
const closePatienceMs = 5_000;
const closeBackoffCapMs = 1_000;
/** Somebody may be watching. */
const reportBackoffCapMs = 2_000;
/** The server's handler of a message may take its time. */
const sendMs = 30_000;

/** What a run reports of its job while it works. */
export type JobReport = Omit<ReportItem, 'id' | 'leaseToken'>;

/** What can be told of a job that is still ours. */
export type FinishOutcome = Exclude<JobOutcome, { type: 'lost' }>;

/** The lease of a worker process on its jobs, and the way by which their outcomes leave. */
export interface WorkerSession {
  readonly id: string;
  /** Aborted, with the reason, when the session is lost or closed. */
  readonly signal: AbortSignal;
  /** Names the jobs in every heartbeat from now on. */
  hold(jobs: readonly ClaimedJob[]): void;
  /** Names the job in no further heartbeat. */
  drop(job: ClaimedJob): void;
  /** Tells how a job ended, again and again until it is answered. Rejects when the session ends before. */
  finish(job: ClaimedJob, outcome: FinishOutcome): Promise<FinishAnswer>;
  report(job: ClaimedJob, report: JobReport, bytes: number): Promise<FinishAnswer>;
  /** Tells the server something, once; resolves with the reply of its handler, null when it has none. */
  send(type: string, body: JsonValue | undefined): Promise<JsonValue>;
  /** Says so in every heartbeat from now on, of which one leaves at once. */
  say(posture: Posture): void;
  /** Gives the session up: nothing it holds is ours any more. The server is told in the background. */
  lose(error: LongshoreError): void;
  /** Gives back what is still held, and stops the heartbeats. Never rejects. */
  close(): Promise<void>;
}

export interface WorkerSessionOptions {
  api: ApiClient;
  sessionId: string;
  heartbeats: Heartbeats;
  /** Aborted when nobody is left to close the session. */
  overSignal: AbortSignal;
  onLost(error: LongshoreError): void;
}

/** Wraps an open session. Finishes made at the same time leave in one request. */
export const createWorkerSession = (options: WorkerSessionOptions): WorkerSession => {
  const { api, sessionId, heartbeats, overSignal, onLost } = options;
  const ending = new AbortController();
  const finish = createFinish(api, ending.signal);
  // However long the server is away: what a handler has written must not be lost by an outage that its lease survives. Its
  // number makes a repeated report harmless.
  const reports = gather<ReportItem>(api.worker.report, {
    signal: ending.signal,
    retries: 'stubborn',
    backoffCapMs: reportBackoffCapMs,
  });
  let closing: Promise<void> | undefined;

  const end = (error: LongshoreError): void => {
    heartbeats.stop();
    ending.abort(error);
  };

  const closeOnServer = (): Promise<void> => {
    closing ??= closeUntilAnswered(api, sessionId, overSignal);
    return closing;
  };

  return {
    id: sessionId,
    signal: ending.signal,
    hold: heartbeats.hold,
    drop: heartbeats.drop,
    finish,
    report: (job, report, bytes) => reports.add({ id: job.id, leaseToken: job.leaseToken, ...report }, bytes),
    send: async (type, body) => {
      const message = { sessionId, messageId: uuidV7(), type, body: requireSendable(body ?? null, 'body') };
      return (await api.worker.send(message, { signal: ending.signal, timeoutMs: sendMs })).reply;
    },
    say: (posture) => {
      heartbeats.say(posture);
      heartbeats.beat();
    },
    lose: (error) => {
      // A heartbeat under way may find the session closed by ourselves, which is no loss.
      if (ending.signal.aborted || closing) return;
      end(error);
      onLost(error);
      void closeOnServer();
    },
    close: async () => {
      await waitAtMost(closePatienceMs, closeOnServer());
      if (!ending.signal.aborted) end(new LongshoreError('SESSION_LOST', 'The session is closed.'));
    },
  };
};

/**
 * However long the server is away: a session left open is rescued, and rescues count towards poison. Ends when the
 * server has closed the session, knows of none, or `signal` is aborted. Never rejects.
 */
const closeUntilAnswered = async (api: ApiClient, sessionId: string, signal: AbortSignal): Promise<void> => {
  const call = { signal, retries: 'persistent', backoffCapMs: closeBackoffCapMs } as const;
  await api.worker.closeSession({ sessionId }, call).catch(() => undefined);
};

/** One gatherer for each verb. A finish is worth every patience: without it the whole job is done again. */
const createFinish = (api: ApiClient, signal: AbortSignal): WorkerSession['finish'] => {
  const call = { signal, retries: 'stubborn' } as const;
  const completes = gather<JsonText>(api.worker.complete, call);
  const fails = gather<FailItem>(api.worker.fail, call);
  const snoozes = gather<SnoozeItem>(api.worker.snooze, call);
  const releases = gather<ReleaseItem>(api.worker.release, call);

  return (job, outcome) => {
    const { id, leaseToken } = job;
    switch (outcome.type) {
      case 'complete':
        return completes.add(...packComplete(job, outcome.resultText));
      case 'fail': {
        const { error, isRetryable, retryAfterSeconds } = outcome;
        return fails.add({ id, leaseToken, error, isRetryable, retryAfterSeconds }, error.stack?.length);
      }
      case 'snooze':
        return snoozes.add({ id, leaseToken, delaySeconds: outcome.delaySeconds });
      case 'release':
        return releases.add({ id, leaseToken });
    }
  };
};

/** An item of the request, with the result's text as it was checked. Ids and tokens are digits and dashes. */
const packComplete = (
  { id, leaseToken }: ClaimedJob,
  resultText: string | undefined,
): [item: JsonText, bytes: number] => {
  const result = resultText === undefined ? '' : `,"result":${resultText}`;
  return [
    new JsonText(`{"id":"${id}","leaseToken":"${leaseToken}"${result}}`),
    Buffer.byteLength(resultText ?? ''),
  ];
};

const gather = <Item>(
  send: (input: { items: Item[] }, call: CallOptions) => Promise<{ answers: FinishAnswer[] }>,
  call: CallOptions,
): Gatherer<Item, FinishAnswer> =>
  createGatherer({
    send: async (items) => (await send({ items }, call)).answers,
    itemsMax: limits.batchJobsMax,
    bytesMax: requestBytesMax,
  });
