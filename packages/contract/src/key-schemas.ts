import { z } from 'zod';
import { text } from './json-value.ts';
import { limits } from './limits.ts';

const name = text(limits.nameCharsMax);

/** `operator` makes orgs; the others act within the org of their key. */
export const roles = ['operator', 'admin', 'submit', 'worker'] as const;
export type Role = (typeof roles)[number];

export const createKeyInput = z.strictObject({ role: z.enum(['admin', 'submit']), name });
export type CreateKeyInput = z.infer<typeof createKeyInput>;
export const keyByIdInput = z.strictObject({ id: z.uuid() });

export interface ApiKey {
  id: string;
  role: Role;
  name: string;
  /** The last four characters, to tell keys apart; null for an imported key, of which only the hash is known. */
  last4: string | null;
  createdAt: string;
  revokedAt: string | null;
}

export type CreatedApiKey = ApiKey & { apiKey: string };
