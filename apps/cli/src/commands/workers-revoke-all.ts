import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';

export const command = defineCommand({
  options: apiOptions,
  run: async (context) => {
    const revoked = await openAdminClient(context).workers.revokeAll();
    context.output.answer({ revoked }, () => `revoked ${revoked} workers`);
    return undefined;
  },
});
