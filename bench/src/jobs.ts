import { defineJob } from '@longshore/sdk';
import { z } from 'zod';

/** About 100 bytes of payload, nothing to do. */
export const noop = defineJob({
  kind: 'noop',
  payload: z.object({ to: z.string(), subject: z.string(), body: z.string() }),
  result: z.object({ ok: z.boolean() }),
});

export const noopPayload = { to: 'ada@example.com', subject: 'hello there', body: 'x'.repeat(40) };

/** Notes when its handler began. */
export const stamp = defineJob({ kind: 'stamp', payload: z.object({}) });
