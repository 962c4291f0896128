import { LongshoreError, limits, type RateClass, type Role } from '@longshore/contract';
import type { Actor, Principal } from '@longshore/db';
import { initTRPC } from '@trpc/server';
import { errorDataOf, toLongshoreError, trpcCodeNumberOf } from '../error-answer.ts';
import type { Context } from './context.ts';

/** What is said of every procedure: without it, it cannot be made. */
export interface ProcedureMeta {
  /** Keys of these roles may call it. */
  roles: readonly Role[];
  /** What a call counts as against the key's rate limits. */
  rateClass: RateClass;
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

export const { router, createCallerFactory } = trpc;

/**
 * A procedure that only keys of these roles may call. Every call with a good key is paid for: one with many items for all of
 * them at once, so that it either passes or costs nothing, and one that is refused, for its role or its JSON, as one.
 */
const procedureFor = (rateClass: RateClass, ...roles: readonly Role[]) =>
  trpc.procedure.meta({ roles, rateClass }).use(async ({ ctx, next, getRawInput }) => {
    const { authenticate, rateLimiter } = ctx.parts;
    const principal = await authenticate(ctx);
    const cost = roles.includes(principal.role) ? await getRawInput().then(countItems, () => 1) : 1;
    await rateLimiter.spend(principal, rateClass, cost);
    requireRole(principal, roles);
    await getRawInput();
    return next({ ctx: { principal, actor: actorOf(principal, ctx) } });
  });

const requireRole = ({ role }: Principal, roles: readonly Role[]): void => {
  if (roles.includes(role)) return;
  throw new LongshoreError('FORBIDDEN', `a key of role ${role} may not do this`, {
    hint: `It takes a key of role ${roles.join(' or ')}.`,
  });
};

/** How many jobs a call is about. A list that is too long is refused later. */
const countItems = (input: unknown): number => {
  if (typeof input !== 'object' || input === null) return 1;
  const { jobs, items, ids } = input as Record<string, unknown>;
  const list = [jobs, items, ids].find(Array.isArray);
  return list ? Math.min(list.length, limits.batchJobsMax) : 1;
};

const actorOf = ({ keyId, keyName, role }: Principal, { requestId, address }: Context): Actor => ({
  keyId,
  role,
  name: keyName,
  requestId,
  address,
});

// Who may do what, and what it counts as. An org's rows are out of reach for every other org's key, whatever its role.
export const whoamiProcedure = procedureFor('read', 'operator', 'admin', 'submit', 'worker');
export const operatorReadProcedure = procedureFor('read', 'operator');
export const operatorProcedure = procedureFor('manage', 'operator');
export const adminReadProcedure = procedureFor('read', 'admin');
export const adminProcedure = procedureFor('manage', 'admin');
export const auditReadProcedure = procedureFor('read', 'operator', 'admin');
export const jobReadProcedure = procedureFor('read', 'submit', 'admin');
export const jobChangeProcedure = procedureFor('manage', 'submit', 'admin');
export const submitProcedure = procedureFor('submit', 'submit', 'admin');

/** The key of a worker names the worker. */
const workerProcedureFor = (rateClass: RateClass) =>
  procedureFor(rateClass, 'worker').use(({ ctx, next }) => {
    const { workerId } = ctx.principal;
    if (workerId === null) throw new LongshoreError('FORBIDDEN', 'this key belongs to no worker');
    return next({ ctx: { workerId } });
  });
export const claimProcedure = workerProcedureFor('claim');
export const leaseProcedure = workerProcedureFor('lease');
