import {
  type BatchStatus,
  type CancelWhereAnswer,
  type CancelWhereInput,
  type FinishAnswer,
  type Job,
  type JobEvent,
  type JobPage,
  type JobState,
  type JobWatchEvent,
  type ListJobsInput,
  LongshoreError,
  limits,
  type OrgStats,
  type OutputLine,
  type QueueStats,
  type SubmitAnswer,
  type SubmitOptions,
  textOfOutput,
} from '@longshore/contract';
import { type ApiClient, createApiClient } from './api-client.ts';
import type { JobDefinition, JobRequest, JobTypes } from './define-job.ts';
import type { JobHandle } from './job-handle.ts';
import { createJobWaits } from './job-waits.ts';
import { createOpenCalls } from './open-calls.ts';
import { readJob, readResult, requireKind, type TypedJob } from './read-job.ts';
import { createSubscriptions } from './streams/create-subscriptions.ts';
import {
  type JobEventStream,
  readJobEvents,
  type TypedJobWatchEvent,
  toJobEvents,
} from './streams/job-events.ts';
import type { SubscribeOptions } from './streams/subscribe.ts';
import type { StreamedEvent } from './streams/subscription.ts';
import { createSubmits, packJob, toSubmits } from './submits.ts';
import type { Connection } from './transport.ts';
import { type WaitOptions, waitForJob } from './wait-for-job.ts';

/** Typed handles, one for each request, in their order. */
export type HandlesOf<Requests extends readonly JobTypes[]> = {
  [Index in keyof Requests]: JobHandle<Requests[Index]>;
};

type RequestsOf<Requests extends readonly JobTypes[]> = {
  readonly [Index in keyof Requests]: JobRequest<Requests[Index]>;
};

/** What services do with jobs. Every method rejects with a LongshoreError; all may be called at the same time. */
export interface Client {
  /** Stores one job. Calls made at the same time share a request. */
  submit<Types extends JobTypes>(
    job: JobDefinition<Types>,
    payload: Types['payloadInput'],
    options?: SubmitOptions,
  ): Promise<JobHandle<Types>>;
  /** Stores all of them or none, at most 1,000: `submitMany([greet.request({ name: 'Ada' }), ...])`. */
  submitMany<const Requests extends readonly JobTypes[]>(
    requests: RequestsOf<Requests>,
  ): Promise<HandlesOf<Requests>>;
  /** A job. With its definition the payload, progress and result are read by its schemas; without, they are plain JSON. */
  get(id: string): Promise<Job>;
  get<Types extends JobTypes>(job: JobDefinition<Types>, id: string): Promise<TypedJob<Types>>;
  getByExternalId(externalId: string): Promise<Job>;
  getByExternalId<Types extends JobTypes>(
    job: JobDefinition<Types>,
    externalId: string,
  ): Promise<TypedJob<Types>>;
  list(filter?: ListJobsInput): Promise<JobPage>;
  batchStatus(batchId: string): Promise<BatchStatus>;
  /** The result, once the job is completed. Rejects with JOB_FAILED, JOB_CANCELLED or TIMEOUT. */
  wait<Types extends JobTypes>(handle: JobHandle<Types>, options?: WaitOptions): Promise<Types['result']>;
  wait<Types extends JobTypes>(
    job: JobDefinition<Types>,
    id: string,
    options?: WaitOptions,
  ): Promise<Types['result']>;
  /** Cancels a job; one that runs is asked to stop and stays `running` until it has. */
  cancel(id: string, options?: { reason?: string }): Promise<JobPosition>;
  /**
   * Cancels all jobs that fit every part of a filter and are there by now: `{ queue: 'mail', createdBefore }`. Answers how many were
   * cancelled at once and how many run and were asked to stop. Sent once, never again: one that breaks off has done a part or all;
   * call it again.
   */
  cancelWhere(filter: CancelWhereInput): Promise<CancelWhereAnswer>;
  /** `cancelWhere` for all jobs of a batch. */
  cancelBatch(batchId: string, options?: { reason?: string }): Promise<CancelWhereAnswer>;
  /** Makes a finished job available again, with at least one attempt left. */
  retry(id: string): Promise<JobPosition>;
  stats(): Promise<OrgStats>;
  /** What the handler logged, oldest first. */
  output(id: string, options?: { afterId?: number; limit?: number }): Promise<OutputLine[]>;
  /** All of it as one text: lines of every stream as a console shows them, and what was written as it is. */
  outputText(id: string): Promise<string>;
  /**
   * What happens to a job as it happens, up to its final state: state, progress and output, typed by its definition. Lives through
   * broken connections and restarts without a gap or a repeat; leaving the loop closes the connection.
   */
  watch(id: string, options?: SubscribeOptions): JobEventStream<JobWatchEvent>;
  watch<Types extends JobTypes>(
    handle: JobHandle<Types>,
    options?: SubscribeOptions,
  ): JobEventStream<TypedJobWatchEvent<Types>>;
  watch<Types extends JobTypes>(
    job: JobDefinition<Types>,
    id: string,
    options?: SubscribeOptions,
  ): JobEventStream<TypedJobWatchEvent<Types>>;
  /** How many jobs of a batch are in each state, whenever that has changed, until none is live; once a second at most. */
  watchBatch(batchId: string, options?: SubscribeOptions): AsyncGenerator<BatchStatus, void, void>;
  /** What waits and runs in a queue, whenever that has changed; once a second at most. */
  watchQueue(queue: string, options?: SubscribeOptions): AsyncGenerator<QueueStats, void, void>;
  /** What happened to a job, who did it and when, oldest first. */
  events(id: string): Promise<JobEvent[]>;
  /** Waits for submits under way, and takes no more. */
  close(): Promise<void>;
}

/** A job and where it stands now. */
export interface JobPosition {
  id: string;
  state: JobState;
}

/** A filter may fit hundreds of thousands of jobs. A repetition would count only what the lost first call left over. */
const cancelWhereCall = { timeoutMs: 60_000, retries: 'never' } as const;

/**
 * Connects a service to Longshore. Holds no connection open and needs no `await`.
 *
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:4455', apiKey });
 * const handle = await client.submit(greet, { name: 'Ada' });
 * console.log(await handle.wait({ timeoutSeconds: 10 }));
 */
export const createClient = (connection: Connection): Client => {
  const api = createApiClient(connection);
  const submits = createSubmits(api);
  const subscribe = createSubscriptions(connection);
  const waits = createJobWaits(api.jobs);
  const calls = createOpenCalls('client');

  const toHandle = <Types extends JobTypes>(
    job: JobDefinition<Types>,
    answer: SubmitAnswer,
  ): JobHandle<Types> => ({
    ...answer,
    job,
    wait: (options) => waitFor(job, answer.id, options),
  });

  const waitFor = async <Types extends JobTypes>(
    job: JobDefinition<Types>,
    id: string,
    options?: WaitOptions,
  ): Promise<Types['result']> => {
    const completed = await waitForJob(waits, id, options);
    requireKind(job, completed);
    return readResult(job, completed.result);
  };

  const submit: Client['submit'] = (job, payload, options) =>
    calls.run(async () => toHandle(job, await submits.submit(await packJob(job.request(payload, options)))));

  const submitMany = <const Requests extends readonly JobTypes[]>(
    requests: RequestsOf<Requests>,
  ): Promise<HandlesOf<Requests>> =>
    calls.run(async () => {
      const packed = await Promise.all(requests.map((request) => packJob(request)));
      const { jobs } = await api.jobs.submitMany(toSubmits(packed));
      return jobs.map((answer, index) => toHandle(requests[index]!.job, answer)) as HandlesOf<Requests>;
    });

  function get(id: string): Promise<Job>;
  function get<Types extends JobTypes>(job: JobDefinition<Types>, id: string): Promise<TypedJob<Types>>;
  async function get(first: string | JobDefinition, id?: string): Promise<Job | TypedJob<JobTypes>> {
    if (typeof first === 'string') return api.jobs.get({ id: first });
    return readJob(first, await api.jobs.get({ id: String(id) }));
  }

  function getByExternalId(externalId: string): Promise<Job>;
  function getByExternalId<Types extends JobTypes>(
    job: JobDefinition<Types>,
    externalId: string,
  ): Promise<TypedJob<Types>>;
  async function getByExternalId(
    first: string | JobDefinition,
    externalId?: string,
  ): Promise<Job | TypedJob<JobTypes>> {
    if (typeof first === 'string') return api.jobs.getByExternalId({ externalId: first });
    return readJob(first, await api.jobs.getByExternalId({ externalId: String(externalId) }));
  }

  function wait<Types extends JobTypes>(
    handle: JobHandle<Types>,
    options?: WaitOptions,
  ): Promise<Types['result']>;
  function wait<Types extends JobTypes>(
    job: JobDefinition<Types>,
    id: string,
    options?: WaitOptions,
  ): Promise<Types['result']>;
  function wait(
    first: JobHandle | JobDefinition,
    second?: string | WaitOptions,
    options?: WaitOptions,
  ): Promise<unknown> {
    if ('isNew' in first) return first.wait(typeof second === 'object' ? second : undefined);
    return waitFor(first, String(second), options);
  }

  const watchPlain = (id: string, options?: SubscribeOptions) =>
    toJobEvents(subscribe('jobs.watch', { id }, options));

  function watch(id: string, options?: SubscribeOptions): JobEventStream<JobWatchEvent>;
  function watch<Types extends JobTypes>(
    handle: JobHandle<Types>,
    options?: SubscribeOptions,
  ): JobEventStream<TypedJobWatchEvent<Types>>;
  function watch<Types extends JobTypes>(
    job: JobDefinition<Types>,
    id: string,
    options?: SubscribeOptions,
  ): JobEventStream<TypedJobWatchEvent<Types>>;
  function watch(
    first: string | JobHandle | JobDefinition,
    second?: string | SubscribeOptions,
    third?: SubscribeOptions,
  ): JobEventStream<JobWatchEvent> | JobEventStream<TypedJobWatchEvent<JobTypes>> {
    const options = typeof second === 'object' ? second : third;
    if (typeof first === 'string') return watchPlain(first, options);
    if ('isNew' in first) return readJobEvents(first.job, watchPlain(first.id, options));
    return readJobEvents(first, watchPlain(String(second), options));
  }

  return {
    submit,
    submitMany,
    get,
    getByExternalId,
    wait,
    watch,
    watchBatch: (batchId, options) => dataOf<BatchStatus>(subscribe('jobs.watchBatch', { batchId }, options)),
    watchQueue: (queue, options) => dataOf<QueueStats>(subscribe('queues.watch', { queue }, options)),
    list: (filter = {}) => api.jobs.list(filter),
    batchStatus: (batchId) => api.jobs.batchStatus({ batchId }),
    cancel: async (id, options) => positionOf(await api.jobs.cancel({ ids: [id], ...options })),
    cancelWhere: (filter) => api.jobs.cancelWhere(filter, cancelWhereCall),
    cancelBatch: (batchId, options) => api.jobs.cancelWhere({ batchId, ...options }, cancelWhereCall),
    retry: async (id) => positionOf(await api.jobs.retry({ ids: [id] })),
    stats: () => api.jobs.stats(),
    output: async (id, options) => (await api.jobs.output({ id, ...options })).lines,
    outputText: async (id) => textOfOutput(await readAllOutput(api, id)),
    events: async (id) => (await api.jobs.events({ id })).events,
    close: calls.close,
  };
};

async function* dataOf<Data>(events: AsyncIterable<StreamedEvent>): AsyncGenerator<Data, void, void> {
  for await (const { data } of events) yield data as Data;
}

const readAllOutput = async (api: ApiClient, id: string): Promise<OutputLine[]> => {
  const lines: OutputLine[] = [];
  for (;;) {
    const page = await api.jobs.output({ id, afterId: lines.at(-1)?.id ?? 0, limit: limits.listMax });
    lines.push(...page.lines);
    if (page.lines.length < limits.listMax) return lines;
  }
};

const positionOf = ({ answers: [answer] }: { answers: FinishAnswer[] }): JobPosition => {
  if (!answer) throw new LongshoreError('INTERNAL', 'The server left out an answer.');
  if (!answer.ok) throw LongshoreError.fromBody(answer.error);
  return { id: answer.id, state: answer.state };
};
