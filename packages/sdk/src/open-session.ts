import {
  type DeliveredMessage,
  type HeartbeatAnswer,
  LongshoreError,
  type OpenSessionInput,
} from '@longshore/contract';
import type { ApiClient } from './api-client.ts';
import type { HeartbeatEvent, Posture } from './heartbeat-loop.ts';
import { readyHeartbeats, startHeartbeats } from './heartbeats.ts';
import type { JobRunner } from './job-runner.ts';
import { createMessageDesk, type MessageDesk } from './messages/message-desk.ts';
import type { Connection } from './transport.ts';
import type { Events } from './typed-events.ts';
import type { WorkerEvents } from './worker-events.ts';
import { createWorkerSession, type WorkerSession } from './worker-session.ts';

export interface OpenSessionOptions {
  api: ApiClient;
  connection: Connection;
  input: OpenSessionInput;
  runner: JobRunner;
  /** Does what a message asks. */
  performMessage(message: DeliveredMessage): Promise<unknown>;
  /** What the process says of itself in its heartbeats; it may have changed while the session was being opened. */
  posture(): Posture;
  events: Events<WorkerEvents>;
  signal: AbortSignal;
  /** Aborted when the worker is over: a session that is still not closed is then left to the server. */
  overSignal: AbortSignal;
}

/**
 * Opens a session, with its heartbeats running and their answers carried out. Tries until the server is there.
 * Rejects with what the server refuses for good, such as UNAUTHENTICATED.
 */
export const openSession = async (options: OpenSessionOptions): Promise<WorkerSession> => {
  const release = await readyHeartbeats(options.connection);
  try {
    return await openWithHeartbeats(options);
  } finally {
    release();
  }
};

const openWithHeartbeats = async (options: OpenSessionOptions): Promise<WorkerSession> => {
  const { api, connection, input, runner, events, signal, overSignal } = options;
  const answer = await api.worker.openSession(input, { signal, retries: 'persistent' });
  const { sessionId, workerId, workerName, leaseSeconds, heartbeatSeconds } = answer;

  const heartbeats = await startHeartbeats({
    connection,
    session: { sessionId, leaseSeconds, heartbeatSeconds },
    onEvent: (event) => obey(event, session, desk, options),
    onThreadDeath: (error) => events.emit('error', { during: 'heartbeat', error }),
  });
  const session = createWorkerSession({
    api,
    sessionId,
    heartbeats,
    overSignal,
    onLost: (error) => {
      events.emit('sessionLost', { sessionId, error });
      runner.abortAll(session, leaseLost('The worker lost its session.', error));
    },
  });
  const desk = createMessageDesk({
    perform: options.performMessage,
    acknowledge: (items) =>
      api.worker.acknowledge({ sessionId, items }, { signal: session.signal, retries: 'persistent' }),
    onPageDone: heartbeats.beat,
    onError: (error) => {
      if (!session.signal.aborted) events.emit('error', { during: 'message', error });
    },
  });
  const posture = options.posture();
  if (posture.isDraining || posture.concurrency !== input.concurrency) session.say(posture);
  events.emit('sessionOpened', { sessionId, workerId, workerName });
  return session;
};

const obey = (
  event: HeartbeatEvent,
  session: WorkerSession,
  desk: MessageDesk,
  { runner, events }: OpenSessionOptions,
): void => {
  switch (event.type) {
    case 'answer':
      stopNamedJobs(event, session, runner);
      // A server of the release before has none.
      desk.take(event.messages ?? []);
      break;
    case 'missed':
      events.emit('error', { during: 'heartbeat', error: LongshoreError.fromBody(event.error) });
      break;
    case 'sessionLost':
      session.lose(LongshoreError.fromBody(event.error));
      break;
  }
};

const stopNamedJobs = (
  { lost, cancel }: HeartbeatAnswer,
  session: WorkerSession,
  runner: JobRunner,
): void => {
  // Many of those may have ended since the beat was sent, so the reasons are made for those that have not.
  for (const { state, outcome, ...lease } of lost) {
    const told = `The lease of the job is gone; the job is ${state ?? 'gone too'}.`;
    runner.abort(session, lease, () => (outcome === 'timed_out' ? timedOut() : leaseLost(told)));
  }
  for (const { reason, ...lease } of cancel) {
    const told = reason ?? 'The job was cancelled.';
    runner.abort(session, lease, () => new LongshoreError('JOB_CANCELLED', told));
  }
};

const leaseLost = (message: string, cause?: unknown): LongshoreError =>
  new LongshoreError('LEASE_LOST', message, { cause });

const timedOut = (): LongshoreError => new LongshoreError('TIMEOUT', 'The job ran longer than it may.');
