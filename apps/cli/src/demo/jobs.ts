import { defineJob } from '@longshore/sdk';
import { z } from 'zod';

/** Does nothing: what is left is the way of a job from submit to result. */
export const ping = defineJob({ kind: 'demo.ping', payload: z.object({}), result: z.object({}) });

const fileCount = z.object({
  path: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  words: z.number(),
  lines: z.number(),
});
export type FileCount = z.infer<typeof fileCount>;

/** Hashes one file and counts its words and lines. */
export const countFile = defineJob({
  kind: 'demo.count-file',
  payload: z.object({ folder: z.string(), path: z.string(), pass: z.number() }),
  result: fileCount,
});

/** Adds up what the other jobs of a batch found. */
export const mergeCounts = defineJob({
  kind: 'demo.merge-counts',
  payload: z.object({ batchId: z.string() }),
  result: z.object({
    results: z.number(),
    files: z.number(),
    /** Files for which two passes found different things: must be none. */
    disagreements: z.number(),
    bytes: z.number(),
    words: z.number(),
    lines: z.number(),
    /** SHA-256 over the paths and digests, in the order of the paths. */
    sha256: z.string(),
  }),
});
