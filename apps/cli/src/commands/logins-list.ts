import { createLogins } from '@longshore/db';
import { databaseOptions, defineCommand } from '../command.ts';
import { inDatabase } from '../in-database.ts';
import { renderTable } from '../render-table.ts';

export const command = defineCommand({
  options: databaseOptions,
  run: async (context) => {
    const logins = await inDatabase(context, (db) => createLogins(db).listLogins());
    context.output.answer(logins, () =>
      renderTable(
        [
          { title: 'LOGIN', read: (bound) => bound.login },
          { title: 'ORG', read: (bound) => bound.org },
          { title: 'SINCE', read: (bound) => bound.createdAt },
        ],
        logins,
      ),
    );
    return undefined;
  },
});
