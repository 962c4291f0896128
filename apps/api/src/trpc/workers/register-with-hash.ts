import { registerWorkerWithHashInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Registers a worker whose key was made elsewhere, by the hash of the key. */
export const registerWithHash = adminProcedure
  .input(registerWorkerWithHashInput)
  .mutation(({ ctx, input }) =>
    ctx.parts.adminFor(ctx.actor).registerWorkerWithHash(ctx.principal.orgId, input),
  );
