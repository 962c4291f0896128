import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderSessions } from '../session-table.ts';

export const command = defineCommand({
  options: {
    capability: { type: 'string', value: 'NAME', help: 'it must have this' },
    kind: { type: 'string', value: 'KIND', help: 'it must run jobs of this kind' },
    category: { type: 'string', value: 'NAME', help: 'it must have room for a job of this category' },
    ...apiOptions,
  },
  notes:
    'Ends with 3 when no process is available for that. Nothing is reserved: it may be busy a moment later.',
  run: async (context) => {
    const { capability, kind, category } = context.values;
    const session = await openAdminClient(context).workers.pick({ capability, kind, category });
    context.output.answer(session, () => (session ? renderSessions([session]) : 'nobody is available'));
    return session ? undefined : exitCodes.notFound;
  },
});
