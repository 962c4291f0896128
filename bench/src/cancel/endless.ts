import { defineJob } from '@longshore/sdk';
import { z } from 'zod';

/** Runs until it is told to stop. */
export const endless = defineJob({ kind: 'endless', payload: z.null() });
