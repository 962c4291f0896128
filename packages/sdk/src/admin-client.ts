import type {
  ApiKey,
  AuditPage,
  CleanAnswer,
  CleanQueueInput,
  CreatedApiKey,
  CreateKeyInput,
  CreateKeyWithHashInput,
  InboxInput,
  InboxPage,
  ListAuditInput,
  MessageRecord,
  Org,
  PickWorkerInput,
  QueueCounts,
  QueueRetention,
  QueueStats,
  RegisteredWorker,
  RegisterWorkerInput,
  RegisterWorkerWithHashInput,
  RetainQueueInput,
  Role,
  RotatedApiKey,
  RotateKeyInput,
  SendMessagesInput,
  SentMessage,
  SessionInfo,
  UpdateWorkerInput,
  Worker,
  WorkersEvent,
  WorkerWithHash,
} from '@longshore/contract';
import { createApiClient } from './api-client.ts';
import { type Reply, type RequestOptions, requestWorkers } from './messages/request-workers.ts';
import { createSubscriptions } from './streams/create-subscriptions.ts';
import type { StreamedEvent } from './streams/subscription.ts';
import type { Connection } from './transport.ts';

/** Who holds a key. */
export interface Identity {
  org: string;
  role: Role;
  workerId: string | null;
}

/** What people do with orgs (an operator's key) and with keys, workers and queues (an admin's). */
export interface AdminClient {
  orgs: {
    /**
     * The new org, and the only sight of its first admin key. Sent once, never again: when the answer is lost, the org
     * exists, and nobody has its key.
     */
    create(slug: string): Promise<Org & { adminKey: string }>;
    list(): Promise<Org[]>;
  };
  keys: {
    /** The key is shown this once. Sent once, never again: revoke by `list` what a lost answer may have left about. */
    create(input: CreateKeyInput): Promise<CreatedApiKey>;
    /** Takes a key that was made elsewhere, by its hash. Rejects with CONFLICT for one that is known. */
    createWithHash(input: CreateKeyWithHashInput): Promise<ApiKey>;
    list(): Promise<ApiKey[]>;
    /** A new key, shown this once, in the place of one that works on for a while. Sent once: rotate again if the answer is lost. */
    rotate(input: RotateKeyInput): Promise<RotatedApiKey>;
    revoke(id: string): Promise<void>;
  };
  workers: {
    /** The worker, and the only sight of its key. Sent once, never again: see `list` for one whose answer was lost. */
    register(input: RegisterWorkerInput): Promise<RegisteredWorker>;
    /** Changes what the input names: null lifts a limit. Claims from now on go by it; jobs that run already go on. */
    update(input: UpdateWorkerInput): Promise<void>;
    /** Each with the processes that are connected: how they are and what they run. */
    list(): Promise<Worker[]>;
    /**
     * The least loaded process that is available, fits and has room, as `{ capability: 'gpu', category: 'inference' }` asks; null
     * when there is none. Nothing is reserved: it may be busy a moment later.
     */
    pick(wanted?: PickWorkerInput): Promise<SessionInfo | null>;
    /**
     * Who is connected: everything once, then what changes, once a second at most. After a connection that broke everything
     * comes again. Ends with the signal; rejects with a LongshoreError that no further try would mend.
     */
    watch(options?: { signal?: AbortSignal }): AsyncGenerator<WorkersEvent, void>;
    /** Takes a worker's key that was made elsewhere, by its hash. Rejects with CONFLICT for one that is known. */
    registerWithHash(input: RegisterWorkerWithHashInput): Promise<WorkerWithHash>;
    /** Its key is refused from now on; its jobs go to others. */
    revoke(id: string): Promise<void>;
    /** The same for every worker of the org; answers how many. */
    revokeAll(): Promise<number>;
    /**
     * Sends a message to worker processes: `{ to: { workerId }, type: 'drain' }`. Answers one for each process that it is for. Sent
     * once, never again: when the answer is lost, it may have been sent.
     */
    send(message: SendMessagesInput): Promise<SentMessage[]>;
    /** Sends a message and waits for the replies, one for each process; see `requestWorkers`. */
    request(message: SendMessagesInput, options?: RequestOptions): Promise<Reply[]>;
    /** What became of messages. */
    messages(messageIds: string[]): Promise<MessageRecord[]>;
    /** What workers told the server, newest first. */
    inbox(filter?: InboxInput): Promise<InboxPage>;
  };
  queues: {
    list(): Promise<QueueStats[]>;
    /** No job of the queue is claimed until it is resumed; running ones go on. */
    pause(queue: string): Promise<void>;
    resume(queue: string): Promise<void>;
    /** Counts its jobs, with its history: for people and for a look a minute. */
    counts(queue: string): Promise<QueueCounts>;
    /** Keeps less of its history than the deployment does, from now on; answers all that is set for it. */
    retain(input: RetainQueueInput): Promise<QueueRetention>;
    /** Takes finished jobs out of its history now, oldest first. Sent once: with a lost answer the ids are lost. */
    clean(input: CleanQueueInput): Promise<CleanAnswer>;
  };
  audit: {
    /** What people and keys did in the org, newest first; with an operator's key, in the system itself. */
    list(filter?: ListAuditInput): Promise<AuditPage>;
  };
  whoami(): Promise<Identity>;
}

// A key whose answer is lost was created and never seen: sending again would leave a second one about.
const once = { retries: 'never' } as const;

/** Connects an administrator or operator. Every method rejects with a LongshoreError. */
export const createAdminClient = (connection: Connection): AdminClient => {
  const api = createApiClient(connection);
  const subscriptions = createSubscriptions(connection);
  return {
    orgs: {
      create: (slug) => api.orgs.create({ slug }, once),
      list: async () => (await api.orgs.list()).orgs,
    },
    keys: {
      create: (input) => api.keys.create(input, once),
      createWithHash: (input) => api.keys.createWithHash(input, once),
      list: async () => (await api.keys.list()).keys,
      rotate: (input) => api.keys.rotate(input, once),
      revoke: async (id) => void (await api.keys.revoke({ id })),
    },
    workers: {
      register: (input) => api.workers.register(input, once),
      update: async (input) => void (await api.workers.update(input)),
      list: async () => (await api.workers.list()).workers,
      pick: async (wanted = {}) => (await api.workers.pick(wanted)).session,
      watch: (options) => toWorkersEvents(subscriptions('workers.watch', {}, options)),
      registerWithHash: (input) => api.workers.registerWithHash(input, once),
      revoke: async (id) => void (await api.workers.revoke({ id })),
      revokeAll: async () => (await api.workers.revokeAll({ all: true })).revoked,
      send: async (message) => (await api.workers.send(message, once)).messages,
      request: (message, options) => requestWorkers(api, message, options),
      messages: async (messageIds) => (await api.workers.messages({ messageIds })).messages,
      inbox: (filter = {}) => api.workers.inbox(filter),
    },
    queues: {
      list: async () => (await api.queues.list()).queues,
      pause: async (queue) => void (await api.queues.pause({ queue })),
      resume: async (queue) => void (await api.queues.resume({ queue })),
      counts: (queue) => api.queues.counts({ queue }),
      retain: (input) => api.queues.retain(input),
      clean: (input) => api.queues.clean(input, once),
    },
    audit: { list: (filter = {}) => api.audit.list(filter) },
    whoami: () => api.whoami(),
  };
};

async function* toWorkersEvents(events: AsyncIterable<StreamedEvent>): AsyncGenerator<WorkersEvent, void> {
  for await (const { data } of events) yield data as WorkersEvent;
}
