import type { AppRouter } from '@longshore/api';
import type {
  AcknowledgeInput,
  ApiKey,
  AuditPage,
  BatchStatus,
  CancelWhereAnswer,
  CancelWhereInput,
  ClaimedJob,
  ClaimInput,
  CleanAnswer,
  CleanQueueInput,
  CompleteItem,
  CreatedApiKey,
  CreateKeyInput,
  CreateKeyWithHashInput,
  FailItem,
  FinishAnswer,
  HeartbeatAnswer,
  HeartbeatInput,
  InboxInput,
  InboxPage,
  ItemAnswer,
  Job,
  JobEvent,
  JobPage,
  ListAuditInput,
  ListJobsInput,
  MessageRecord,
  OpenSessionAnswer,
  OpenSessionInput,
  Org,
  OrgStats,
  OutputLine,
  PickWorkerInput,
  QueueCounts,
  QueueRetention,
  QueueStats,
  RegisteredWorker,
  RegisterWorkerInput,
  RegisterWorkerWithHashInput,
  ReleaseItem,
  ReportItem,
  RetainQueueInput,
  RevokeAllWorkersInput,
  Role,
  RotatedApiKey,
  RotateKeyInput,
  SendMessagesInput,
  SentMessage,
  SessionInfo,
  SnoozeItem,
  SubmitAnswer,
  SubmitInput,
  UpdateWorkerInput,
  WaitManyAnswer,
  Worker,
  WorkerSendAnswer,
  WorkerSendInput,
  WorkerWithHash,
} from '@longshore/contract';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { toCallFailure } from './call-failure.ts';
import type { JsonText } from './json-text.ts';
import { createProcedures, type Send } from './procedures.ts';
import { type CallOptions, callWithRetries, createRetryBudget } from './retry-policy.ts';
import type { Connection } from './transport.ts';

type Call<Input, Answer> = (input: Input, call?: CallOptions) => Promise<Answer>;
type Items<Item> = { items: Item[] };
type Answers = { answers: FinishAnswer[] };
/** `areIdsNew` promises that no id of this call was ever sent before it. */
type Submits = { jobs: (SubmitInput | JsonText)[]; areIdsNew: boolean };

/** Every procedure of the API, in the contract's types. The published types know nothing of the router. */
export interface ApiClient {
  jobs: {
    submitEach: Call<Submits, { answers: ItemAnswer<SubmitAnswer>[] }>;
    submitMany: Call<Submits, { jobs: SubmitAnswer[] }>;
    get: Call<{ id: string }, Job>;
    getByExternalId: Call<{ externalId: string }, Job>;
    list: Call<ListJobsInput, JobPage>;
    wait: Call<{ id: string; waitSeconds: number }, { job: Job | null }>;
    waitMany: Call<{ jobIds: string[]; waitSeconds: number }, WaitManyAnswer>;
    batchStatus: Call<{ batchId: string }, BatchStatus>;
    stats: Call<void, OrgStats>;
    output: Call<OutputQuery, { lines: OutputLine[] }>;
    events: Call<{ id: string }, { events: JobEvent[] }>;
    cancel: Call<{ ids: string[]; reason?: string | undefined }, Answers>;
    cancelWhere: Call<CancelWhereInput, CancelWhereAnswer>;
    retry: Call<{ ids: string[] }, Answers>;
  };
  worker: {
    openSession: Call<OpenSessionInput, OpenSessionAnswer>;
    closeSession: Call<{ sessionId: string }, { released: number }>;
    claim: Call<ClaimInput, { jobs: ClaimedJob[] }>;
    heartbeat: Call<HeartbeatInput, HeartbeatAnswer>;
    listen: Call<{ sessionId: string; waitSeconds?: number }, { isNudged: boolean }>;
    acknowledge: Call<AcknowledgeInput, unknown>;
    send: Call<WorkerSendInput, WorkerSendAnswer>;
    complete: Call<Items<CompleteItem | JsonText>, Answers>;
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
    pick: Call<PickWorkerInput, { session: SessionInfo | null }>;
    revoke: Call<{ id: string }, unknown>;
    send: Call<SendMessagesInput, { messages: SentMessage[] }>;
    messages: Call<{ messageIds: string[] }, { messages: MessageRecord[] }>;
    inbox: Call<InboxInput, InboxPage>;
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
    counts: Call<{ queue: string }, QueueCounts>;
    clean: Call<CleanQueueInput, CleanAnswer>;
    retain: Call<RetainQueueInput, QueueRetention>;
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

/** The router's own types hold the calls below to what the server takes and answers. */
type Tree = AppRouter['_def']['record'];
type At<Node, Path extends string> = Path extends `${infer Room}.${infer Rest}`
  ? At<Node[Room & keyof Node], Rest>
  : Node[Path & keyof Node];
type PathsOf<Type, Node = Tree, Prefix extends string = ''> = {
  [Name in keyof Node & string]: Node[Name] extends { _def: { type: infer Own } }
    ? Own extends Type
      ? `${Prefix}${Name}`
      : never
    : PathsOf<Type, Node[Name], `${Prefix}${Name}.`>;
}[keyof Node & string];
type OutputAt<Path extends string> = At<inferRouterOutputs<AppRouter>, Path>;
type CallAt<Path extends string> = Call<WithTexts<At<inferRouterInputs<AppRouter>, Path>>, OutputAt<Path>>;
/** Any list of a request may hold items that are JSON text already. */
type WithTexts<Input> = {
  [Name in keyof Input]: Input[Name] extends (infer Item)[] ? (Item | JsonText)[] : Input[Name];
};

/**
 * The API over HTTP, one request a call: batches are made by whoever has many, never by the transport.
 * Every call rejects with a LongshoreError and is retried as its `retries` option says.
 */
export const createApiClient = (connection: Connection): ApiClient => {
  const procedures = createProcedures(connection);
  const policy = { budget: createRetryBudget(), toFailure: toCallFailure };
  const query = <Path extends PathsOf<'query'>>(path: Path): CallAt<Path> => over(procedures.query(path));
  const mutation = <Path extends PathsOf<'mutation'>>(path: Path): CallAt<Path> =>
    over(procedures.mutation(path));
  const over =
    <Input, Answer>(send: Send): Call<Input, Answer> =>
    (input, call) =>
      callWithRetries((signal) => send(input, signal) as Promise<Answer>, policy, call);
  /** New ids are new in the first request only; after that an answer may have been lost, and the jobs may have finished. */
  const submit = <Path extends 'jobs.submitEach' | 'jobs.submitMany'>(
    path: Path,
  ): Call<Submits, OutputAt<Path>> => {
    const send = procedures.mutation(path);
    return ({ jobs, areIdsNew }, call) =>
      callWithRetries(
        (signal, isFirstSend) =>
          send({ jobs, isFirstSend: isFirstSend && areIdsNew }, signal) as Promise<OutputAt<Path>>,
        policy,
        call,
      );
  };

  return {
    jobs: {
      submitEach: submit('jobs.submitEach'),
      submitMany: submit('jobs.submitMany'),
      get: query('jobs.get'),
      getByExternalId: query('jobs.getByExternalId'),
      list: query('jobs.list'),
      wait: mutation('jobs.wait'),
      waitMany: mutation('jobs.waitMany'),
      batchStatus: query('jobs.batchStatus'),
      stats: query('jobs.stats'),
      output: query('jobs.output'),
      events: query('jobs.events'),
      cancel: mutation('jobs.cancel'),
      cancelWhere: mutation('jobs.cancelWhere'),
      retry: mutation('jobs.retry'),
    },
    worker: {
      openSession: mutation('worker.openSession'),
      closeSession: mutation('worker.closeSession'),
      claim: mutation('worker.claim'),
      heartbeat: mutation('worker.heartbeat'),
      listen: mutation('worker.listen'),
      acknowledge: mutation('worker.acknowledge'),
      send: mutation('worker.send'),
      complete: mutation('worker.complete'),
      fail: mutation('worker.fail'),
      release: mutation('worker.release'),
      snooze: mutation('worker.snooze'),
      report: mutation('worker.report'),
    },
    workers: {
      register: mutation('workers.register'),
      registerWithHash: mutation('workers.registerWithHash'),
      revokeAll: mutation('workers.revokeAll'),
      update: mutation('workers.update'),
      list: query('workers.list'),
      pick: query('workers.pick'),
      revoke: mutation('workers.revoke'),
      send: mutation('workers.send'),
      messages: query('workers.messages'),
      inbox: query('workers.inbox'),
    },
    keys: {
      create: mutation('keys.create'),
      createWithHash: mutation('keys.createWithHash'),
      list: query('keys.list'),
      rotate: mutation('keys.rotate'),
      revoke: mutation('keys.revoke'),
    },
    queues: {
      list: query('queues.list'),
      counts: query('queues.counts'),
      clean: mutation('queues.clean'),
      retain: mutation('queues.retain'),
      pause: mutation('queues.pause'),
      resume: mutation('queues.resume'),
    },
    orgs: {
      create: mutation('orgs.create'),
      list: query('orgs.list'),
    },
    audit: {
      list: query('audit.list'),
    },
    whoami: query('whoami'),
  };
};
