import {
  type BatchStatus,
  type FinishAnswer,
  type Job,
  type JobEvent,
  type JobPage,
  type JobState,
  type ListJobsInput,
  LongshoreError,
  type OrgStats,
  type OutputLine,
  type SubmitAnswer,
  type SubmitOptions,
} from '@longshore/contract';
import { createApiClient } from './api-client.ts';
import type { JobDefinition, JobRequest, JobTypes } from './define-job.ts';
import type { JobHandle } from './job-handle.ts';
import { readJob, readResult, requireKind, type TypedJob } from './read-job.ts';
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
  /** Makes a finished job available again, with at least one attempt left. */
  retry(id: string): Promise<JobPosition>;
  stats(): Promise<OrgStats>;
  /** What the handler logged, oldest first. */
  output(id: string, options?: { afterId?: number; limit?: number }): Promise<OutputLine[]>;
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
  let isClosed = false;

  const requireOpen = (): void => {
    if (isClosed) throw new LongshoreError('INVALID_STATE', 'The client is closed.');
  };

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
    const completed = await waitForJob(api, id, options);
    requireKind(job, completed);
    return readResult(job, completed.result);
  };

  async function submit<Types extends JobTypes>(
    job: JobDefinition<Types>,
    payload: Types['payloadInput'],
    options?: SubmitOptions,
  ): Promise<JobHandle<Types>> {
    requireOpen();
    return toHandle(job, await submits.submit(await packJob(job.request(payload, options))));
  }

  async function submitMany<const Requests extends readonly JobTypes[]>(
    requests: RequestsOf<Requests>,
  ): Promise<HandlesOf<Requests>> {
    requireOpen();
    const packed = await Promise.all(requests.map((request) => packJob(request)));
    const { jobs } = await api.jobs.submitMany(toSubmits(packed));
    return jobs.map((answer, index) => toHandle(requests[index]!.job, answer)) as HandlesOf<Requests>;
  }

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

  return {
    submit,
    submitMany,
    get,
    getByExternalId,
    wait,
    list: (filter = {}) => api.jobs.list(filter),
    batchStatus: (batchId) => api.jobs.batchStatus({ batchId }),
    cancel: async (id, options) => positionOf(await api.jobs.cancel({ ids: [id], ...options })),
    retry: async (id) => positionOf(await api.jobs.retry({ ids: [id] })),
    stats: () => api.jobs.stats(),
    output: async (id, options) => (await api.jobs.output({ id, ...options })).lines,
    events: async (id) => (await api.jobs.events({ id })).events,
    close: () => {
      isClosed = true;
      return submits.whenIdle();
    },
  };
};

const positionOf = ({ answers: [answer] }: { answers: FinishAnswer[] }): JobPosition => {
  if (!answer) throw new LongshoreError('INTERNAL', 'The server left out an answer.');
  if (!answer.ok) throw LongshoreError.fromBody(answer.error);
  return { id: answer.id, state: answer.state };
};
