import { z } from 'zod';
import { text } from './json-value.ts';
import { limits } from './limits.ts';

const name = text(limits.nameCharsMax);

/** `operator` makes orgs; the others act within the org of their key. */
export const roles = ['operator', 'admin', 'submit', 'worker'] as const;
export type Role = (typeof roles)[number];

/** Short name of an org: lower-case letters, digits and dashes. */
export const orgSlug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z, 0-9 and -');
export const createOrgInput = z.strictObject({ slug: orgSlug });

export const registerWorkerInput = z.strictObject({
  name,
  /** What the worker may ever claim to have; leave out for anything. */
  allowedCapabilities: z.array(name).max(limits.capabilitiesMax).optional(),
});
export type RegisterWorkerInput = z.infer<typeof registerWorkerInput>;
export const workerByIdInput = z.strictObject({ id: z.uuid() });

export const createKeyInput = z.strictObject({ role: z.enum(['admin', 'submit']), name });
export type CreateKeyInput = z.infer<typeof createKeyInput>;
export const keyByIdInput = z.strictObject({ id: z.uuid() });
export const queueByNameInput = z.strictObject({ queue: name });

export interface Org {
  slug: string;
  createdAt: string;
}

export interface Worker {
  id: string;
  name: string;
  allowedCapabilities: string[] | null;
  createdAt: string;
  revokedAt: string | null;
  sessions: {
    id: string;
    host: string | null;
    pid: number | null;
    kinds: string[];
    capabilities: string[];
    heartbeatAt: string;
  }[];
}

/** `apiKey` is shown this once and stored nowhere. */
export interface RegisteredWorker {
  id: string;
  name: string;
  apiKey: string;
}

export interface ApiKey {
  id: string;
  role: Role;
  name: string;
  /** The last four characters, to tell keys apart. */
  last4: string;
  createdAt: string;
  revokedAt: string | null;
}

export type CreatedApiKey = ApiKey & { apiKey: string };
