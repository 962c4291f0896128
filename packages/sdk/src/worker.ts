import { hostname } from 'node:os';
import {
  type Capability,
  type JsonValue,
  LongshoreError,
  limits,
  type OpenSessionInput,
} from '@longshore/contract';
import { createApiClient } from './api-client.ts';
import { createClaimGate } from './claim-gate.ts';
import { claimUntilAborted } from './claim-loop.ts';
import type { JobHandler } from './define-job.ts';
import type { Posture } from './heartbeat-loop.ts';
import { createJobRunner } from './job-runner.ts';
import { createMessagePerformer, type MessageHandlers, requireOwnTypes } from './messages/perform-message.ts';
import { openSession } from './open-session.ts';
import { backoffMs, pause } from './retry-policy.ts';
import type { Connection } from './transport.ts';
import { createEvents, type Events, type Unsubscribe } from './typed-events.ts';
import { sdkVersion } from './version.ts';
import { waitAtMost } from './wait-at-most.ts';
import { createWorkerControls } from './worker-controls.ts';
import type { WorkerEvents } from './worker-events.ts';
import type { WorkerSession } from './worker-session.ts';

export interface WorkerOptions extends Connection {
  /** `[greet.handler(async (payload, context) => result), ...]`, one for each kind. */
  handlers: readonly JobHandler[];
  /** Handlers that run at the same time. Default 10. */
  concurrency?: number | undefined;
  /**
   * Jobs that may be claimed beyond those that can start at once, so that short jobs need not wait for a request. Long
   * jobs are not claimed ahead, and what does not start within a second goes back. Default: `concurrency`; 0 for none.
   */
  prefetch?: number | undefined;
  /**
   * What this machine has, such as `gpu`, or `{ name, attributes }` with what is to be known of it (see `model`); it gets jobs that
   * require no more than this.
   */
  capabilities?: Capability[] | undefined;
  /** Of the handlers that run at the same time at most so many by category of their jobs: `{ inference: 5 }`. */
  concurrencyLimits?: { [category: string]: number } | undefined;
  /** Of your program; shown to people. */
  version?: string | undefined;
  /** Default: every queue. */
  queues?: string[] | undefined;
  /** Silent for so long, the worker is taken for dead and its jobs go to others. Default 15. */
  leaseSeconds?: number | undefined;
  /** How long a handler may take to stop once its signal is aborted. Default 5. */
  abortGraceSeconds?: number | undefined;
  /** How long the place of an attempt that failed takes no other job: a brake for a machine on which all fails. Default 0. */
  errorRestSeconds?: number | undefined;
  /** What it does when it is told to, by type: `{ 'cache.clear': message({ input }, handler) }`. */
  messages?: MessageHandlers | undefined;
}

/** A process's share in the work. */
export interface Worker {
  on<Name extends keyof WorkerEvents>(
    name: Name,
    listener: (event: WorkerEvents[Name]) => unknown,
  ): Unsubscribe;
  /** Tells the server something; resolves with what its handler replied, null when there is none. Rejects while no session is open. */
  send(type: string, body?: JsonValue): Promise<JsonValue>;
  /** Resolves when jobs can come. Waits for a server that is away; rejects for a key that it refuses. */
  start(): Promise<void>;
  /**
   * Claims nothing more and waits for the handlers; what is not done after `timeoutSeconds` (default 20) is told to
   * stop and goes back unspent, once its handler has settled or `abortGraceSeconds` have passed. Heartbeats go on until
   * the end. Never rejects.
   */
  stop(options?: { timeoutSeconds?: number }): Promise<void>;
  /** Stops without waiting: handlers are told to stop, their jobs go back unspent at once. Also hurries a `stop` under way. */
  forceStop(): Promise<void>;
}

const stopSeconds = 20;
/** How long the last outcomes may take to be told before the worker goes without. */
const farewellMs = 5_000;

/**
 * Makes a worker for this process; `start` sets it going.
 * Throws INVALID_INPUT for options that cannot work.
 *
 * @example
 * const worker = createWorker({ url, apiKey, handlers: [greet.handler(({ name }) => `Hello, ${name}`)] });
 * await worker.start();
 */
export const createWorker = (options: WorkerOptions): Worker => {
  const { concurrency = 10, prefetch = concurrency, abortGraceSeconds = 5, errorRestSeconds } = options;
  requireInteger('concurrency', concurrency, 1);
  requireInteger('prefetch', prefetch, 0);
  const handlers = byKind(options.handlers);
  requireOwnTypes(options.messages ?? {});
  const api = createApiClient(options);
  const gate = createClaimGate();
  const events = createWorkerEvents();
  const runner = createJobRunner({ handlers, concurrency, abortGraceSeconds, errorRestSeconds, events });
  const stopping = new AbortController();
  const forcing = new AbortController();
  const over = new AbortController();
  const posture = (): Posture => ({
    isDraining: !gate.isOpen || stopping.signal.aborted,
    concurrency: runner.concurrency(),
  });
  const controls = createWorkerControls({ gate, runner, events, onPosture: () => current?.say(posture()) });
  const performMessage = createMessagePerformer(controls, options.messages ?? {});
  let current: WorkerSession | undefined;
  let serving: Promise<WorkerSession> | undefined;
  let stopped: Promise<void> | undefined;

  const open = async (): Promise<WorkerSession> => {
    const input = describeProcess(options, [...handlers.keys()], runner.concurrency());
    const signals = { signal: stopping.signal, overSignal: over.signal };
    const steering = { performMessage, posture };
    current = await openSession({ api, connection: options, input, runner, events, ...steering, ...signals });
    return current;
  };

  const start = async (): Promise<void> => {
    if (serving || stopping.signal.aborted)
      throw new LongshoreError('INVALID_STATE', 'A worker starts once.');
    const opening = open();
    serving = opening.then(serve);
    serving.catch(() => undefined);
    await opening;
  };

  /** Resolves with the last session, once the worker stops. */
  const serve = async (first: WorkerSession): Promise<WorkerSession> => {
    let session = first;
    for (;;) {
      const signal = AbortSignal.any([stopping.signal, session.signal]);
      const onError = (error: unknown): void => events.emit('error', { during: 'claim', error });
      const claiming = { api, session, runner, prefetch, onError };
      await gate.pass((passing) => claimUntilAborted({ ...claiming, signal: passing }), signal);
      if (stopping.signal.aborted) return session;
      session = (await reopen()) ?? session;
    }
  };

  const reopen = async (): Promise<WorkerSession | undefined> => {
    for (let failures = 1; !stopping.signal.aborted; failures++) {
      try {
        return await open();
      } catch (error) {
        if (stopping.signal.aborted) return undefined;
        events.emit('error', { during: 'session', error });
        await pause(backoffMs(failures), stopping.signal);
      }
    }
    return undefined;
  };

  const drain = async (timeoutSeconds: number): Promise<void> => {
    stopping.abort();
    current?.say(posture());
    runner.stopStarting();
    const session = await serving?.catch(() => undefined);
    await waitAtMost(timeoutSeconds * 1_000, runner.whenEmpty(), forcing.signal);
    runner.stopRunning(new LongshoreError('LEASE_LOST', 'The worker stops; the job goes back.'));
    await waitAtMost(abortGraceSeconds * 1_000, runner.whenEmpty(), forcing.signal);
    runner.abandonAll();
    await waitAtMost(farewellMs, runner.whenEmpty());
    await session?.close();
    over.abort();
  };

  const stop: Worker['stop'] = ({ timeoutSeconds = stopSeconds } = {}) => {
    stopped ??= drain(timeoutSeconds);
    return stopped;
  };

  return {
    on: events.on,
    send: async (type, body) => {
      if (current && !current.signal.aborted) return current.send(type, body);
      throw new LongshoreError('INVALID_STATE', 'The worker has no session open.');
    },
    start,
    stop,
    forceStop: () => {
      forcing.abort();
      return stop({ timeoutSeconds: 0 });
    },
  };
};

const createWorkerEvents = (): Events<WorkerEvents> => {
  const events = createEvents<WorkerEvents>((error, name) => {
    if (name !== 'error') events.emit('error', { during: 'listener', error });
  });
  return events;
};

const byKind = (handlers: readonly JobHandler[]): Map<string, JobHandler> => {
  const map = new Map(handlers.map((handler) => [handler.kind, handler]));
  if (map.size === handlers.length && map.size > 0) return map;
  throw new LongshoreError('INVALID_INPUT', 'A worker needs at least one handler, and one a kind.', {
    field: 'handlers',
  });
};

const requireInteger = (field: string, value: number, min: number): void => {
  if (Number.isInteger(value) && value >= min && value <= limits.heldJobsMax) return;
  throw new LongshoreError('INVALID_INPUT', `must be a whole number from ${min} to ${limits.heldJobsMax}`, {
    field,
  });
};

const describeProcess = (options: WorkerOptions, kinds: string[], concurrency: number): OpenSessionInput => ({
  kinds,
  concurrency,
  concurrencyLimits: options.concurrencyLimits,
  capabilities: options.capabilities,
  queues: options.queues,
  leaseSeconds: options.leaseSeconds,
  host: hostname().slice(0, limits.nameCharsMax),
  pid: process.pid,
  version: options.version,
  sdkVersion,
});
