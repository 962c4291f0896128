import { z } from 'zod';
import { text } from './json-value.ts';
import { limits } from './limits.ts';

/** Short name of an org: lower-case letters, digits and dashes. */
export const orgSlug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z, 0-9 and -');
export const createOrgInput = z.strictObject({ slug: orgSlug });
export const queueByNameInput = z.strictObject({ queue: text(limits.nameCharsMax) });

export interface Org {
  slug: string;
  createdAt: string;
}
