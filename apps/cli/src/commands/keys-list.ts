import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { renderTable } from '../render-table.ts';

export const command = defineCommand({
  options: apiOptions,
  run: async (context) => {
    const keys = await openAdminClient(context).keys.list();
    context.output.answer(keys, () =>
      renderTable(
        [
          { title: 'ID', read: (key) => key.id },
          { title: 'ROLE', read: (key) => key.role },
          { title: 'NAME', read: (key) => key.name },
          { title: 'ENDS IN', read: (key) => key.last4 },
          { title: 'CREATED', read: (key) => key.createdAt },
          { title: 'REVOKED', read: (key) => key.revokedAt },
        ],
        keys,
      ),
    );
    return undefined;
  },
});
