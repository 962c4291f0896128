import { apiOptions, defineCommand } from '../command.ts';
import { openOperatorClient } from '../connections.ts';
import { renderTable } from '../render-table.ts';

export const command = defineCommand({
  options: apiOptions,
  run: async (context) => {
    const orgs = await openOperatorClient(context).orgs.list();
    context.output.answer(orgs, () =>
      renderTable(
        [
          { title: 'ORG', read: (org) => org.slug },
          { title: 'CREATED', read: (org) => org.createdAt },
        ],
        orgs,
      ),
    );
    return undefined;
  },
});
