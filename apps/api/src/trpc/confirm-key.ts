import type { Context } from './context.ts';

/**
 * Waits for what a call waits for, and asks for the key again before anything is handed out: it may have been revoked
 * meanwhile. Then `undo` gets the answer that nobody will, and the call is refused.
 */
export const confirmKeyAfter = async <Answer>(
  ctx: Context,
  work: Promise<Answer>,
  undo?: (answer: Answer) => void,
): Promise<Answer> => {
  const [outcome] = await Promise.allSettled([work]);
  try {
    await ctx.parts.authenticate(ctx);
  } catch (error) {
    if (outcome.status === 'fulfilled') undo?.(outcome.value);
    throw error;
  }
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
};
