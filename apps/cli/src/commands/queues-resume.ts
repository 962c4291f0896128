import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';

export const command = defineCommand({
  parameters: ['QUEUE'],
  options: apiOptions,
  run: async (context) => {
    const queue = context.positionals[0]!;
    await openAdminClient(context).queues.resume(queue);
    context.output.answer({ queue }, () => `resumed ${queue}`);
    return undefined;
  },
});
