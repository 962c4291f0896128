import { defineJob } from '@longshore/sdk';
import { z } from 'zod';

/**
 * What shall become of a job: `fail once` throws at the first attempt, `fail` throws for good, `cancel` is cancelled by its submitter,
 * `follow` waits for a parent, `doomed` is claimed by a ghost first.
 */
export const plans = ['complete', 'fail once', 'fail', 'cancel', 'follow', 'doomed'] as const;
export type Plan = (typeof plans)[number];

const payload = z.object({ plan: z.enum(plans), ms: z.number() });

/** Who finished the job, so that a result tells whose it is. */
const result = z.object({ epoch: z.number(), pid: z.number() });
export type ChaosResult = z.infer<typeof result>;

const backoff = { type: 'fixed', baseSeconds: 0.2, jitter: 'none' } as const;

/** What the workers do. */
export const work = defineJob({ kind: 'work', payload, result, backoff });

/** What only ghosts and their heirs do. */
export const doomed = defineJob({ kind: 'doomed', payload, result, backoff });
