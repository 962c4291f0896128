import type {
  ApiKey,
  CreatedApiKey,
  CreateKeyInput,
  Org,
  QueueStats,
  RegisteredWorker,
  RegisterWorkerInput,
  Role,
  Worker,
} from '@longshore/contract';
import { type Connection, createApiClient } from './api-client.ts';

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
    list(): Promise<ApiKey[]>;
    revoke(id: string): Promise<void>;
  };
  workers: {
    /** The worker, and the only sight of its key. Sent once, never again: see `list` for one whose answer was lost. */
    register(input: RegisterWorkerInput): Promise<RegisteredWorker>;
    list(): Promise<Worker[]>;
    /** Its key is refused from now on; its jobs go to others. */
    revoke(id: string): Promise<void>;
  };
  queues: {
    list(): Promise<QueueStats[]>;
    /** No job of the queue is claimed until it is resumed; running ones go on. */
    pause(queue: string): Promise<void>;
    resume(queue: string): Promise<void>;
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
      list: async () => (await api.keys.list()).keys,
      revoke: async (id) => void (await api.keys.revoke({ id })),
    },
    workers: {
      register: (input) => api.workers.register(input, once),
      list: async () => (await api.workers.list()).workers,
      revoke: async (id) => void (await api.workers.revoke({ id })),
    },
    queues: {
      list: async () => (await api.queues.list()).queues,
      pause: async (queue) => void (await api.queues.pause({ queue })),
      resume: async (queue) => void (await api.queues.resume({ queue })),
    },
    whoami: () => api.whoami(),
  };
};
