import { anyProcedure } from './procedures.ts';

/** Whose key this is. */
export const whoami = anyProcedure.query(({ ctx }) => {
  const { orgSlug, role, workerId } = ctx.principal;
  return { org: orgSlug, role, workerId };
});
