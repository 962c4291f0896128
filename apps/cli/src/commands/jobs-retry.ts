import { changeEach } from '../change-each.ts';
import { apiOptions, defineCommand } from '../command.ts';
import { openClient } from '../connections.ts';

export const command = defineCommand({
  parameters: ['ID...'],
  options: apiOptions,
  run: (context) => {
    const client = openClient(context);
    return changeEach(context.positionals, context.output, (id) => client.retry(id));
  },
});
