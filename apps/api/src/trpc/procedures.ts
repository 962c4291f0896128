import { LongshoreError, type Role } from '@longshore/contract';
import type { Actor, Principal } from '@longshore/db';
import { initTRPC } from '@trpc/server';
import { errorDataOf, toLongshoreError, trpcCodeNumberOf } from '../error-answer.ts';
import type { Context } from './context.ts';

/** What is said of every procedure: without it, it cannot be made. */
export interface ProcedureMeta {
  /** Keys of these roles may call it. */
  roles: readonly Role[];
}

const trpc = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    // Development mode would send stack traces.
    isDev: false,
    errorFormatter: ({ shape, error, ctx }) => {
      const longshoreError = toLongshoreError(error);
      return {
        code: trpcCodeNumberOf(longshoreError),
        message: longshoreError.message,
        data: { ...shape.data, ...errorDataOf(longshoreError, ctx?.requestId ?? null) },
      };
    },
  });

export const { router } = trpc;

/** A procedure that only keys of these roles may call. The key is checked before the input is read. */
const procedureFor = (...roles: readonly Role[]) =>
  trpc.procedure.meta({ roles }).use(async ({ ctx, next }) => {
    const principal = await ctx.parts.authenticate(ctx.authorization);
    if (roles.includes(principal.role)) return next({ ctx: { principal, actor: actorOf(principal, ctx) } });
    throw new LongshoreError('FORBIDDEN', `a key of role ${principal.role} may not do this`, {
      hint: `It takes a key of role ${roles.join(' or ')}.`,
    });
  });

const actorOf = ({ keyId, keyName, role }: Principal, { requestId, address }: Context): Actor => ({
  keyId,
  role,
  name: keyName,
  requestId,
  address,
});

// Who may do what. An org's rows are out of reach for every other org's key, whatever its role.
export const anyProcedure = procedureFor('operator', 'admin', 'submit', 'worker');
export const operatorProcedure = procedureFor('operator');
export const adminProcedure = procedureFor('admin');
export const submitProcedure = procedureFor('submit', 'admin');

/** The key of a worker names the worker. */
export const workerProcedure = procedureFor('worker').use(({ ctx, next }) => {
  const { workerId } = ctx.principal;
  if (workerId === null) throw new LongshoreError('FORBIDDEN', 'this key belongs to no worker');
  return next({ ctx: { workerId } });
});
