import { z } from 'zod';
import { text } from './json-value.ts';
import { limits } from './limits.ts';

const name = text(limits.nameCharsMax);

export const registerWorkerInput = z.strictObject({
  name,
  /** What the worker may ever claim to have; leave out for anything. */
  allowedCapabilities: z.array(name).max(limits.capabilitiesMax).optional(),
});
export type RegisterWorkerInput = z.infer<typeof registerWorkerInput>;
export const workerByIdInput = z.strictObject({ id: z.uuid() });

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
