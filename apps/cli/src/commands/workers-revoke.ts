import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';

export const command = defineCommand({
  parameters: ['ID'],
  options: apiOptions,
  run: async (context) => {
    const id = context.positionals[0]!;
    await openAdminClient(context).workers.revoke(id);
    context.output.answer({ id }, () => `revoked ${id}`);
    return undefined;
  },
});
