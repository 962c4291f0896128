import type { AppRouter } from '@longshore/api';
import type {
  ApiKey,
  AuditPage,
  BatchStatus,
  ClaimedJob,
  ClaimInput,
  CompleteItem,
  CreatedApiKey,
  CreateKeyInput,
  CreateKeyWithHashInput,
  FailItem,
  FinishAnswer,
  HeartbeatAnswer,
  HeartbeatInput,
  ItemAnswer,
  Job,
  JobEvent,
  JobPage,
  ListAuditInput,
  ListJobsInput,
  OpenSessionAnswer,
  OpenSessionInput,
  Org,
  OrgStats,
  OutputLine,
  QueueStats,
  RegisteredWorker,
  RegisterWorkerInput,
  RegisterWorkerWithHashInput,
  ReleaseItem,
  ReportItem,
  RevokeAllWorkersInput,
  Role,
  RotatedApiKey,
  RotateKeyInput,
  SnoozeItem,
  SubmitAnswer,
  SubmitInput,
  UpdateWorkerInput,
  Worker,
  WorkerWithHash,
} from '@longshore/contract';
import { createTRPCClient, httpLink } from '@trpc/client';
import { refuseForeignAnswers, toCallFailure } from './call-failure.ts';
import { type CallOptions, callWithRetries, createRetryBudget } from './retry-policy.ts';

/** Where the API is, and who calls. */
export interface Connection {
  /** Such as `https://longshore.example.com`. */
  url: string;
  apiKey: string;
  /** Used instead of the global fetch, for proxies and client certificates. */
  fetch?: typeof globalThis.fetch;
}

type Call<Input, Answer> = (input: Input, call?: CallOptions) => Promise<Answer>;
type Items<Item> = { items: Item[] };
type Answers = { answers: FinishAnswer[] };
/** `areIdsNew` promises that no id of this call was ever sent before it. */
type Submits = { jobs: SubmitInput[]; areIdsNew: boolean };

/** Every procedure of the API, in the contract's types. The published types know nothing of the router. */
export interface ApiClient {
  jobs: {
    submitEach: Call<Submits, { answers: ItemAnswer<SubmitAnswer>[] }>;
    submitMany: Call<Submits, { jobs: SubmitAnswer[] }>;
    get: Call<{ id: string }, Job>;
    getByExternalId: Call<{ externalId: string }, Job>;
    list: Call<ListJobsInput, JobPage>;
    wait: Call<{ id: string; waitSeconds: number }, { job: Job | null }>;
    batchStatus: Call<{ batchId: string }, BatchStatus>;
    stats: Call<void, OrgStats>;
    output: Call<OutputQuery, { lines: OutputLine[] }>;
    events: Call<{ id: string }, { events: JobEvent[] }>;
    cancel: Call<{ ids: string[]; reason?: string | undefined }, Answers>;
    retry: Call<{ ids: string[] }, Answers>;
  };
  worker: {
    openSession: Call<OpenSessionInput, OpenSessionAnswer>;
    closeSession: Call<{ sessionId: string }, { released: number }>;
    claim: Call<ClaimInput, { jobs: ClaimedJob[] }>;
    heartbeat: Call<HeartbeatInput, HeartbeatAnswer>;
    complete: Call<Items<CompleteItem>, Answers>;
    fail: Call<Items<FailItem>, Answers>;
    release: Call<Items<ReleaseItem>, Answers>;
    snooze: Call<Items<SnoozeItem>, Answers>;
    report: Call<Items<ReportItem>, Answers>;
  };
  workers: {
    register: Call<RegisterWorkerInput, RegisteredWorker>;
    registerWithHash: Call<RegisterWorkerWithHashInput, WorkerWithHash>;
    revokeAll: Call<RevokeAllWorkersInput, { revoked: number }>;
    update: Call<UpdateWorkerInput, unknown>;
    list: Call<void, { workers: Worker[] }>;
    revoke: Call<{ id: string }, unknown>;
  };
  keys: {
    create: Call<CreateKeyInput, CreatedApiKey>;
    createWithHash: Call<CreateKeyWithHashInput, ApiKey>;
    list: Call<void, { keys: ApiKey[] }>;
    rotate: Call<RotateKeyInput, RotatedApiKey>;
    revoke: Call<{ id: string }, unknown>;
  };
  queues: {
    list: Call<void, { queues: QueueStats[] }>;
    pause: Call<{ queue: string }, unknown>;
    resume: Call<{ queue: string }, unknown>;
  };
  orgs: {
    create: Call<{ slug: string }, Org & { adminKey: string }>;
    list: Call<void, { orgs: Org[] }>;
  };
  audit: {
    list: Call<ListAuditInput, AuditPage>;
  };
  whoami: Call<void, { org: string; role: Role; workerId: string | null }>;
}

export interface OutputQuery {
  id: string;
  /** Lines after this one. */
  afterId?: number | undefined;
  limit?: number | undefined;
}

/**
 * The API over HTTP, one request a call: batches are made by whoever has many, never by the transport.
 * Every call rejects with a LongshoreError and is retried as its `retries` option says.
 */
export const createApiClient = (connection: Connection): ApiClient => {
  const trpc = connectRouter(connection);
  const policy = { budget: createRetryBudget(), toFailure: toCallFailure };
  const over =
    <Input, Answer>(
      send: (input: Input, options: { signal: AbortSignal }) => Promise<Answer>,
    ): Call<Input, Answer> =>
    (input, call) =>
      callWithRetries((signal) => send(input, { signal }), policy, call);
  /** New ids are new in the first request only; after that an answer may have been lost, and the jobs may have finished. */
  const submitOver =
    <Answer>(
      send: (
        input: { jobs: SubmitInput[]; isFirstSend: boolean },
        options: { signal: AbortSignal },
      ) => Promise<Answer>,
    ): Call<Submits, Answer> =>
    ({ jobs, areIdsNew }, call) =>
      callWithRetries(
        (signal, isFirstSend) => send({ jobs, isFirstSend: isFirstSend && areIdsNew }, { signal }),
        policy,
        call,
      );

  return {
    jobs: {
      submitEach: submitOver(trpc.jobs.submitEach.mutate),
      submitMany: submitOver(trpc.jobs.submitMany.mutate),
      get: over(trpc.jobs.get.query),
      getByExternalId: over(trpc.jobs.getByExternalId.query),
      list: over(trpc.jobs.list.query),
      wait: over(trpc.jobs.wait.mutate),
      batchStatus: over(trpc.jobs.batchStatus.query),
      stats: over(trpc.jobs.stats.query),
      output: over(trpc.jobs.output.query),
      events: over(trpc.jobs.events.query),
      cancel: over(trpc.jobs.cancel.mutate),
      retry: over(trpc.jobs.retry.mutate),
    },
    worker: {
      openSession: over(trpc.worker.openSession.mutate),
      closeSession: over(trpc.worker.closeSession.mutate),
      claim: over(trpc.worker.claim.mutate),
      heartbeat: over(trpc.worker.heartbeat.mutate),
      complete: over(trpc.worker.complete.mutate),
      fail: over(trpc.worker.fail.mutate),
      release: over(trpc.worker.release.mutate),
      snooze: over(trpc.worker.snooze.mutate),
      report: over(trpc.worker.report.mutate),
    },
    workers: {
      register: over(trpc.workers.register.mutate),
      registerWithHash: over(trpc.workers.registerWithHash.mutate),
      revokeAll: over(trpc.workers.revokeAll.mutate),
      update: over(trpc.workers.update.mutate),
      list: over(trpc.workers.list.query),
      revoke: over(trpc.workers.revoke.mutate),
    },
    keys: {
      create: over(trpc.keys.create.mutate),
      createWithHash: over(trpc.keys.createWithHash.mutate),
      list: over(trpc.keys.list.query),
      rotate: over(trpc.keys.rotate.mutate),
      revoke: over(trpc.keys.revoke.mutate),
    },
    queues: {
      list: over(trpc.queues.list.query),
      pause: over(trpc.queues.pause.mutate),
      resume: over(trpc.queues.resume.mutate),
    },
    orgs: {
      create: over(trpc.orgs.create.mutate),
      list: over(trpc.orgs.list.query),
    },
    audit: {
      list: over(trpc.audit.list.query),
    },
    whoami: over(trpc.whoami.query),
  };
};

const connectRouter = ({ url, apiKey, fetch = globalThis.fetch }: Connection) =>
  createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${url.replace(/\/+$/, '')}/trpc`,
        headers: { authorization: `Bearer ${apiKey}` },
        fetch: refuseForeignAnswers(fetch),
      }),
    ],
  });
