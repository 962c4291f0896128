import { type HeartbeatAnswer, uuidV7 } from '@longshore/contract';
import { toLongshoreError } from '../error-answer.ts';
import { createDeliveries, passOn } from './deliver-messages.ts';
import type { OpenEngineCalls } from './engine-calls.ts';
import type { Message } from './frames.ts';
import { startHearing } from './hearing.ts';
import type { HeldJobs } from './held-jobs.ts';
import { endsConnection, handleJobMessage, isJobMessage } from './job-messages.ts';
import type { Outbox } from './outbox.ts';
import { startPusher } from './push-jobs.ts';
import { startSessionBeats } from './session-beats.ts';

export interface RegisteredWorkerOptions {
  openCalls: OpenEngineCalls;
  sessionId: string;
  /** What the worker calls itself. */
  workerId: string;
  leaseSeconds: number;
  /** What the worker takes, to begin with. */
  standing: { isDraining: boolean; concurrency: number };
  held: HeldJobs;
  outbox: Outbox;
  /** To be told at once. */
  news: HeartbeatAnswer | undefined;
  /** Whether somebody in this process takes such messages. */
  isHandled(type: string): boolean;
  /** The worker was silent for its lease. */
  onSilent(): void;
  /** The key or the session is over. */
  onError(error: unknown): void;
  /** The worker has said goodbye, and what it held went back. */
  onGoodbye(): void;
}

/** A worker from its registration on. */
export interface RegisteredWorker {
  /** Does what a message asks for. Never rejects. */
  handle(message: Message): Promise<void>;
  /** Ends the session: what it holds goes back, unspent. Answers how many jobs. */
  leave(): Promise<number>;
  /** No more jobs, no more timers. Resolves once a claim under way is settled. */
  stop(): Promise<void>;
}

export const startRegisteredWorker = (options: RegisteredWorkerOptions): RegisteredWorker => {
  const { openCalls, sessionId, leaseSeconds, held, outbox, onError } = options;
  const calls = openCalls();
  const standing = { ...options.standing };
  // One heartbeat is late by half of what is between two.
  const hearing = startHearing({ quietMs: leaseSeconds * 500, onChange: () => pusher.reconsider() });

  const pusher = startPusher({ openCalls, sessionId, standing, hearing, held, outbox, onError });

  const tellCancel = (id: string, cause: string, reason: string | null): void => {
    outbox.send({ type: 'work_cancel', requestId: id, cause, reason });
  };

  const tellNews = async ({ lost, cancel, messages }: HeartbeatAnswer): Promise<void> => {
    // What the worker has just finished is not its any more either: its answer comes first.
    for (const lease of lost)
      held
        .inTurn(lease.id, async () => {
          if (held.drop(lease)) tellCancel(lease.id, 'lost', null);
        })
        .catch(onError);
    for (const { reason, ...lease } of cancel)
      if (held.shouldTellCancel(lease)) tellCancel(lease.id, 'cancelled', reason);
    await deliveries.deliver(messages);
  };

  const beats = startSessionBeats({ ...options, hearing, standing: () => standing, onAnswer: tellNews });

  const setDraining = (isDraining: boolean): void => {
    standing.isDraining = isDraining;
    pusher.reconsider();
  };

  const deliveries = createDeliveries({
    calls,
    sessionId,
    outbox,
    obey: {
      drain: () => setDraining(true),
      resume: () => setDraining(false),
      setConcurrency: (body) => {
        standing.concurrency = (body as { concurrency: number }).concurrency;
        pusher.reconsider();
      },
      cancel: (body) => {
        for (const id of (body as { jobIds: string[] }).jobIds)
          if (held.leaseOf(id)) tellCancel(id, 'cancelled', null);
      },
    },
  });

  const leave = async (): Promise<number> => {
    await pusher.stop();
    return (await calls.closeSession({ sessionId })).released;
  };

  const actions: Record<string, (message: Message) => Promise<void> | void> = {
    heartbeat: async ({ workerId, timestamp }) => {
      if (workerId !== undefined && workerId !== options.workerId) return;
      if (typeof timestamp !== 'string' || timestamp.length > 64) return;
      await beats.beat();
      const nextHeartbeatDeadline = new Date(Date.now() + leaseSeconds * 1_000).toISOString();
      outbox.send({ type: 'heartbeat_ack', timestamp, nextHeartbeatDeadline });
    },
    worker_registration: () => {
      outbox.send({ type: 'worker_registration_ack', success: false, error: 'Already registered' });
    },
    drain: async () => {
      setDraining(true);
      await beats.beat();
      outbox.send({ type: 'drain_ack', heldRequests: held.leases().map(({ id }) => id) });
    },
    resume: async () => {
      setDraining(false);
      await beats.beat();
      outbox.send({ type: 'resume_ack' });
    },
    message_ack: deliveries.acknowledge,
    goodbye: async () => {
      outbox.send({ type: 'goodbye_ack', released: await leave() });
      options.onGoodbye();
    },
  };

  const run = async (message: Message): Promise<void> => {
    const { type, messageId } = message;
    if (isJobMessage(message)) return handleJobMessage({ calls, held, outbox }, message);
    if (Object.hasOwn(actions, type)) return actions[type]!(message);
    // What nobody takes and nobody asked an answer for is ignored.
    if (messageId !== undefined || options.isHandled(type))
      await passOn({ calls, sessionId, outbox }, message, uuidV7);
  };

  if (options.news) void tellNews(options.news).catch(() => {});
  return {
    handle: async (message) => {
      hearing.hear();
      try {
        await run(message);
      } catch (thrown) {
        const error = toLongshoreError(thrown);
        if (endsConnection(error)) onError(error);
        else outbox.send({ type: 'error', action: message.type, error: error.toBody() });
      }
    },
    leave,
    stop: async () => {
      hearing.stop();
      beats.stop();
      await pusher.stop();
    },
  };
};
