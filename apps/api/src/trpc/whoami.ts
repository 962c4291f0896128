import { whoamiProcedure } from './procedures.ts';

/** Whose key this is. */
export const whoami = whoamiProcedure.query(({ ctx }) => {
  const { orgSlug, role, workerId } = ctx.principal;
  return { org: orgSlug, role, workerId };
});
