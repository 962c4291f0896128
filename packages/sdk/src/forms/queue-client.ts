import { LongshoreError, limits, uuidV7 } from '@longshore/contract';
import { type AdminClient, createAdminClient } from '../admin-client.ts';
import { type Client, createClient } from '../client.ts';
import { createOpenCalls } from '../open-calls.ts';
import type {
  AgentJobPayload,
  SerializedAgent,
  SerializedSwarm,
  SerializedWorkflow,
  SwarmJobPayload,
  WorkflowJobPayload,
} from './agent-jobs.ts';
import { anyJob } from './any-job.ts';
import { type FormConnection, readConnection, refuseRedis } from './form-connection.ts';
import {
  type AddOptions,
  type DefaultJobOptions,
  type Retention,
  toKeptJobs,
  toSubmitOptions,
} from './queue-options.ts';
import { type QueueJob, type QueueJobState, type QueueMetrics, toQueueJob } from './queue-shapes.ts';

export type * from './agent-jobs.ts';
export type { FormConnection } from './form-connection.ts';
export type * from './queue-options.ts';
export type { QueueJob, QueueJobState, QueueMetrics } from './queue-shapes.ts';

/** A key of role submit adds and reads jobs; pause, resume, clean and retention take one of role admin, which may do all. */
export interface QueueClientConfig extends FormConnection {
  /** The queue. Default `default`. */
  name?: string | undefined;
  defaultJobOptions?: DefaultJobOptions | undefined;
  /** Longshore has no Redis; a value is refused with INVALID_INPUT. */
  redis?: undefined;
}

/** A job that was added. */
export interface AddedJob {
  id: string;
  name: string;
}

/** One queue: adds jobs, tells of them, and steers it. Every method rejects with a LongshoreError. */
export class QueueClient {
  readonly name: string;
  readonly #client: Client;
  readonly #admin: AdminClient;
  readonly #defaults: DefaultJobOptions;
  readonly #adds = createOpenCalls('queue');
  #retained: Promise<void> | undefined;

  /** Throws INVALID_INPUT where it is not known where to connect. Holds no connection open. */
  constructor(config: QueueClientConfig = {}) {
    refuseRedis(config);
    const connection = readConnection(config);
    this.name = config.name ?? 'default';
    this.#defaults = config.defaultJobOptions ?? {};
    this.#client = createClient(connection);
    this.#admin = createAdminClient(connection);
  }

  /** Adds a job for the processor of this name. */
  add(name: string, payload: unknown, options: AddOptions = {}): Promise<AddedJob> {
    return this.#add(name, payload, options);
  }

  /** Adds a job for the processor `agent`. Its thread is the job's id unless another is given. */
  addAgentJob(
    agentConfig: SerializedAgent,
    input: string,
    options: AddOptions & { threadId?: string } = {},
  ): Promise<AddedJob> {
    const jobId = uuidV7();
    const { threadId = jobId, metadata } = options;
    const payload: AgentJobPayload = {
      type: 'agent',
      jobId,
      agentConfig,
      input,
      threadId,
      ...(metadata && { metadata }),
    };
    return this.#add('agent', payload, options, jobId);
  }

  /** Adds a job for the processor `workflow`. Its run is the job's id unless another is given. */
  addWorkflowJob(
    workflowConfig: SerializedWorkflow,
    input: Record<string, unknown> = {},
    options: AddOptions & { runId?: string } = {},
  ): Promise<AddedJob> {
    const jobId = uuidV7();
    const { runId = jobId, metadata } = options;
    const payload: WorkflowJobPayload = {
      type: 'workflow',
      jobId,
      workflowConfig,
      input,
      runId,
      ...(metadata && { metadata }),
    };
    return this.#add('workflow', payload, options, jobId);
  }

  /** Adds a job for the processor `swarm`. */
  addSwarmJob(swarmConfig: SerializedSwarm, input: string, options: AddOptions = {}): Promise<AddedJob> {
    const jobId = uuidV7();
    const { metadata } = options;
    const payload: SwarmJobPayload = {
      type: 'swarm',
      jobId,
      swarmConfig,
      input,
      ...(metadata && { metadata }),
    };
    return this.#add('swarm', payload, options, jobId);
  }

  /** A job of any queue of the org; undefined when there is none with this id. */
  async getJob(id: string): Promise<QueueJob | undefined> {
    try {
      return toQueueJob(await this.#client.get(id));
    } catch (error) {
      if (isNoJob(error)) return undefined;
      throw error;
    }
  }

  /** One of the six, whatever happens to the job; `unknown` when there is none with this id. */
  async getJobState(id: string): Promise<QueueJobState> {
    return (await this.getJob(id))?.state ?? 'unknown';
  }

  /** Counts the queue's jobs, with its history: for a look every half minute or so, not for loops. */
  async getMetrics(): Promise<QueueMetrics> {
    const counts = await this.#admin.queues.counts(this.name);
    const waiting = counts.available;
    const delayed = counts.scheduled + counts.blocked;
    return {
      waiting,
      active: counts.running,
      completed: counts.completed,
      failed: counts.failed + counts.cancelled,
      delayed,
      depth: waiting + delayed,
      workerCount: counts.sessions,
    };
  }

  /** No job of the queue starts until it is resumed; what runs goes on. FORBIDDEN without an admin key. */
  pause(): Promise<void> {
    return this.#admin.queues.pause(this.name);
  }

  /** FORBIDDEN without an admin key. */
  resume(): Promise<void> {
    return this.#admin.queues.resume(this.name);
  }

  /**
   * Removes jobs that finished more than `graceMs` ago, oldest first and at most `limit` of them (0: all); answers their ids.
   * `failed` means cancelled ones too. What waits or runs is cancelled, not cleaned. FORBIDDEN without an admin key.
   */
  async clean(
    graceMs: number,
    limit: number,
    state: 'completed' | 'failed' = 'completed',
  ): Promise<string[]> {
    const states = statesToClean[state];
    if (!states) throw notCleaned(state);
    const removed: string[] = [];
    const wanted = limit > 0 ? limit : Number.POSITIVE_INFINITY;
    let from: string | undefined;
    do {
      const batch = Math.min(wanted - removed.length, limits.batchJobsMax);
      const input = { queue: this.name, states, graceSeconds: graceMs / 1_000, limit: batch, from };
      const { ids, goOnFrom } = await this.#admin.queues.clean(input);
      removed.push(...ids);
      from = goOnFrom ?? undefined;
    } while (from !== undefined && removed.length < wanted);
    return removed;
  }

  /**
   * Sets how much of the queue's history is kept; what is left out stays as it is set. Obeyed within two minutes in a small
   * history. FORBIDDEN without an admin key.
   */
  async setRetention(retention: { removeOnComplete?: Retention; removeOnFail?: Retention }): Promise<void> {
    const { removeOnComplete, removeOnFail } = retention;
    await this.#admin.queues.retain({
      queue: this.name,
      ...(removeOnComplete !== undefined && { completed: toKeptJobs(removeOnComplete) }),
      ...(removeOnFail !== undefined && { failed: toKeptJobs(removeOnFail) }),
    });
  }

  /** The client below, for what a queue's form has no words for: batches, dependencies, waiting for results. */
  getQueue(): Client {
    return this.#client;
  }

  /** Waits for jobs that are being added, and adds no more. */
  async close(): Promise<void> {
    await this.#adds.close();
    await this.#client.close();
  }

  #add(name: string, payload: unknown, options: AddOptions, id?: string): Promise<AddedJob> {
    return this.#adds.run(async () => {
      await this.#retainOnce();
      const submitted = await this.#client.submit(anyJob(name), payload, {
        ...toSubmitOptions(options, this.#defaults),
        queue: this.name,
        ...(id !== undefined && { id }),
      });
      return { id: submitted.id, name };
    });
  }

  /** What the defaults say of history is the queue's, not a job's: set before the first job. */
  #retainOnce(): Promise<void> | undefined {
    const { removeOnComplete, removeOnFail } = this.#defaults;
    if (removeOnComplete === undefined && removeOnFail === undefined) return undefined;
    this.#retained ??= this.setRetention({
      ...(removeOnComplete !== undefined && { removeOnComplete }),
      ...(removeOnFail !== undefined && { removeOnFail }),
    }).catch((error) => {
      this.#retained = undefined;
      throw isForbidden(error) ? retentionNeedsAdmin(error) : error;
    });
    return this.#retained;
  }
}

const statesToClean: Record<string, ('completed' | 'failed' | 'cancelled')[]> = {
  completed: ['completed'],
  failed: ['failed', 'cancelled'],
};

/** No id of ours, or of nobody's job. */
const isNoJob = (error: unknown): boolean =>
  error instanceof LongshoreError &&
  (error.code === 'NOT_FOUND' || (error.code === 'INVALID_INPUT' && error.field === 'id'));

const isForbidden = (error: unknown): boolean =>
  error instanceof LongshoreError && error.code === 'FORBIDDEN';

const retentionNeedsAdmin = (cause: unknown): LongshoreError =>
  new LongshoreError(
    'FORBIDDEN',
    'removeOnComplete and removeOnFail are set for a whole queue, by an admin.',
    {
      field: 'defaultJobOptions',
      hint: 'Leave them out here, and call setRetention once with a key of role admin.',
      cause,
    },
  );

const notCleaned = (state: string): LongshoreError =>
  new LongshoreError('INVALID_INPUT', `Jobs that are ${state} are not history.`, {
    field: 'state',
    hint: 'Cancel what should not run; then clean what is failed.',
  });
