import { registerWorkerInput } from '@longshore/contract';
import { adminProcedure } from '../procedures.ts';

/** Registers a worker; its key is shown this once. */
export const register = adminProcedure
  .input(registerWorkerInput)
  .mutation(({ ctx, input }) => ctx.parts.adminFor(ctx.actor).registerWorker(ctx.principal.orgId, input));
