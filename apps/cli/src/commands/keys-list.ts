import type { ApiKey } from '@longshore/contract';
import { systemOrgId } from '@longshore/db';
import { apiOptions, databaseOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { withDatabaseAdmin } from '../database-admin.ts';
import { renderTable } from '../render-table.ts';

export const command = defineCommand({
  options: {
    operator: { type: 'boolean', help: 'the operator keys, straight from the database' },
    ...apiOptions,
    ...databaseOptions,
  },
  run: async (context) => {
    const keys = context.values.operator
      ? await withDatabaseAdmin(context, (admin) => admin.listKeys(systemOrgId))
      : await openAdminClient(context).keys.list();
    context.output.answer(keys, () =>
      renderTable(
        [
          { title: 'ID', read: (key) => key.id },
          { title: 'ROLE', read: (key) => key.role },
          { title: 'NAME', read: (key) => key.name },
          { title: 'KEY', read: renderShown },
          { title: 'CREATED', read: (key) => key.createdAt },
          { title: 'LAST USED', read: (key) => key.lastUsedAt },
          { title: 'EXPIRES', read: (key) => key.expiresAt },
          { title: 'REVOKED', read: (key) => key.revokedAt },
        ],
        keys,
      ),
    );
    return undefined;
  },
});

/** What may be shown of a key: `lsh_submit_...x7Qp`. */
const renderShown = ({ start, last4 }: ApiKey): string | null =>
  start === null && last4 === null ? null : `${start ?? ''}...${last4 ?? ''}`;
