import { systemOrgId } from '@longshore/db';
import { apiOptions, databaseOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { withDatabaseAdmin } from '../database-admin.ts';

export const command = defineCommand({
  parameters: ['ID'],
  options: {
    operator: { type: 'boolean', help: 'an operator key, straight in the database' },
    ...apiOptions,
    ...databaseOptions,
  },
  run: async (context) => {
    const id = context.positionals[0]!;
    if (context.values.operator)
      await withDatabaseAdmin(context, (admin) => admin.revokeKey(systemOrgId, id));
    else await openAdminClient(context).keys.revoke(id);
    context.output.answer({ id }, () => `revoked ${id}`);
    return undefined;
  },
});
