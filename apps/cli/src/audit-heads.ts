import { LongshoreError } from '@longshore/contract';
import type { AuditHead } from '@longshore/db';
import { z } from 'zod';
import { readJson } from './read-values.ts';

const savedHeads = z.array(
  z.object({
    org: z.string(),
    orgId: z.int(),
    seq: z.int().min(0),
    hash: z.string().regex(/^([0-9a-f]{64})?$/),
  }),
);

/** The heads that `audit verify --save` wrote. Throws INVALID_INPUT for anything else: a bad file must not pass as nothing to check. */
export const readHeads = (file: string, text: string): AuditHead[] => {
  const parsed = savedHeads.safeParse(readJson(file, text));
  if (parsed.success) return parsed.data;
  throw new LongshoreError('INVALID_INPUT', `${file} does not hold saved heads.`, {
    hint: 'Give a file that `longshore audit verify --save FILE` wrote.',
  });
};
