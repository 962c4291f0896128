import type {
  ApiKey,
  AuditPage,
  CreatedApiKey,
  CreateKeyInput,
  CreateKeyWithHashInput,
  ListAuditInput,
  Org,
  QueueStats,
  RegisteredWorker,
  RegisterWorkerInput,
  RegisterWorkerWithHashInput,
  Role,
  RotatedApiKey,
  RotateKeyInput,
  UpdateWorkerInput,
  Worker,
  WorkerWithHash,
} from '@longshore/contract';
import { createApiClient } from './api-client.ts';
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
    list(): Promise<Worker[]>;
    /** Takes a worker's key that was made elsewhere, by its hash. Rejects with CONFLICT for one that is known. */
    registerWithHash(input: RegisterWorkerWithHashInput): Promise<WorkerWithHash>;
    /** Its key is refused from now on; its jobs go to others. */
    revoke(id: string): Promise<void>;
    /** The same for every worker of the org; answers how many. */
    revokeAll(): Promise<number>;
  };
  queues: {
    list(): Promise<QueueStats[]>;
    /** No job of the queue is claimed until it is resumed; running ones go on. */
    pause(queue: string): Promise<void>;
    resume(queue: string): Promise<void>;
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
      registerWithHash: (input) => api.workers.registerWithHash(input, once),
      revoke: async (id) => void (await api.workers.revoke({ id })),
      revokeAll: async () => (await api.workers.revokeAll({ all: true })).revoked,
    },
    queues: {
      list: async () => (await api.queues.list()).queues,
      pause: async (queue) => void (await api.queues.pause({ queue })),
      resume: async (queue) => void (await api.queues.resume({ queue })),
    },
    audit: { list: (filter = {}) => api.audit.list(filter) },
    whoami: () => api.whoami(),
  };
};
