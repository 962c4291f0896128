import { z } from 'zod';
import { type JsonValue, text } from './json-value.ts';
import { limits } from './limits.ts';
import { type RegisteredWorker, registerWorkerInput } from './worker-schemas.ts';

const name = text(limits.nameCharsMax);

/** `operator` makes orgs; the others act within the org of their key. */
export const roles = ['operator', 'admin', 'submit', 'worker'] as const;
export type Role = (typeof roles)[number];

const expiresInSeconds = z.number().min(1).max(limits.delaySecondsMax).optional();

export const createKeyInput = z.strictObject({
  role: z.enum(['admin', 'submit']),
  name,
  /** From now on; leave out for a key that stays until it is revoked. */
  expiresInSeconds,
});
export type CreateKeyInput = z.infer<typeof createKeyInput>;
export const keyByIdInput = z.strictObject({ id: z.uuid().toLowerCase() });

export const keyHashEncodings = ['hex', 'base64', 'base64url'] as const;
export type KeyHashEncoding = (typeof keyHashEncodings)[number];

/** A key that was made elsewhere and of which only the hash is told. */
const givenHash = {
  /** What the deployment's hash function makes of the key: 32 bytes, SHA-256 unless it was told otherwise. */
  keyHash: z.string().max(128),
  /** How `keyHash` is written: hex in small letters, base64 with padding, base64url without. Never guessed. */
  encoding: z.enum(keyHashEncodings),
  /** The first characters of the key, for people to tell keys apart. */
  keyStart: z
    .string()
    .regex(/^[\x21-\x7e]{1,12}$/, 'must be 1 to 12 printable ASCII characters')
    .optional(),
};

export const createKeyWithHashInput = createKeyInput.safeExtend(givenHash);
export type CreateKeyWithHashInput = z.infer<typeof createKeyWithHashInput>;
export const registerWorkerWithHashInput = registerWorkerInput.safeExtend(givenHash);
export type RegisterWorkerWithHashInput = z.infer<typeof registerWorkerWithHashInput>;
/** Says in words what a slip must not do. */
export const revokeAllWorkersInput = z.strictObject({ all: z.literal(true) });
export type RevokeAllWorkersInput = z.infer<typeof revokeAllWorkersInput>;
export type WorkerWithHash = Omit<RegisteredWorker, 'apiKey'>;

export const overlapSecondsDefault = 86_400;

export const rotateKeyInput = z.strictObject({
  id: z.uuid().toLowerCase(),
  /** How long the old key still works beside the new one; 0 ends it at once. Default a day. */
  overlapSeconds: z.number().min(0).max(604_800).optional(),
  /** Of the new key, from now on; when left out it ends when the old one was to end. */
  expiresInSeconds,
});
export type RotateKeyInput = z.infer<typeof rotateKeyInput>;

export interface ApiKey {
  id: string;
  role: Role;
  name: string;
  /** The first characters, which say what it is; null for an imported key that came without. */
  start: string | null;
  /** The last four characters, to tell keys apart; null for an imported key, of which only the hash is known. */
  last4: string | null;
  /** Whose key it is, for role `worker`. */
  workerId: string | null;
  /** The key whose place this one takes. */
  rotatedFrom: string | null;
  /** What an imported key brought along. */
  metadata: { [key: string]: JsonValue };
  createdAt: string;
  /** To the minute; null for never. */
  lastUsedAt: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
}

/** `apiKey` is shown this once and stored nowhere. */
export type CreatedApiKey = ApiKey & { apiKey: string };

export type RotatedApiKey = CreatedApiKey & {
  /** When the old key stops working. */
  oldKeyExpiresAt: string;
};
