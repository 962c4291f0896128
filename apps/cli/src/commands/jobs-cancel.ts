import { changeEach } from '../change-each.ts';
import { apiOptions, defineCommand } from '../command.ts';
import { openClient } from '../connections.ts';

export const command = defineCommand({
  parameters: ['ID...'],
  options: {
    reason: { type: 'string', value: 'TEXT', help: 'kept with the job' },
    ...apiOptions,
  },
  run: (context) => {
    const client = openClient(context);
    const { reason } = context.values;
    return changeEach(context.positionals, context.output, (id) =>
      client.cancel(id, reason ? { reason } : {}),
    );
  },
});
