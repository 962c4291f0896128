import { createOrgInput } from '@longshore/contract';
import { operatorProcedure } from '../procedures.ts';

/** Makes an org and its first admin key, which is shown this once. */
export const create = operatorProcedure.input(createOrgInput).mutation(async ({ ctx, input }) => {
  const { admin } = ctx.parts;
  const org = await admin.createOrg(input.slug);
  const orgId = await admin.orgIdOf(org.slug);
  const { apiKey } = await admin.createKey(orgId, { role: 'admin', name: 'first admin key' });
  return { ...org, adminKey: apiKey };
});
