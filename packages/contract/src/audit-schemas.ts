import { z } from 'zod';
import { type JsonValue, text } from './json-value.ts';
import type { Role } from './key-schemas.ts';
import { limits } from './limits.ts';

export const listAuditInput = z.strictObject({
  /** Such as `keys.revoke`. */
  action: text(limits.nameCharsMax).optional(),
  /** What it was done to, such as the id of a key. */
  target: text(limits.nameCharsMax).optional(),
  limit: z.int().min(1).max(limits.listMax).optional(),
  /** The `nextCursor` of the page before. */
  cursor: z.int().min(1).optional(),
});
export type ListAuditInput = z.infer<typeof listAuditInput>;

/** One act by a person or a key. */
export interface AuditEntry {
  /** Counts the acts of the org, without a gap. */
  seq: number;
  at: string;
  /** `database` stands for somebody who worked on the database directly. */
  actor: { keyId: string | null; role: Role | 'database'; name: string };
  action: string;
  target: string;
  before: JsonValue | null;
  after: JsonValue | null;
  requestId: string | null;
  address: string | null;
  /** SHA-256 in hexadecimal digits, over this entry and the hash of the one before it. */
  hash: string;
}

export interface AuditPage {
  entries: AuditEntry[];
  nextCursor: number | null;
}
