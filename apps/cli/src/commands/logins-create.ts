import { createLogins, urlForLogin } from '@longshore/db';
import { databaseOptions, defineCommand } from '../command.ts';
import { inDatabase } from '../in-database.ts';
import { loginOptions, readLogin } from '../login-flags.ts';
import { renderFields } from '../render-table.ts';

export const command = defineCommand({
  parameters: ['LOGIN'],
  options: { ...loginOptions, ...databaseOptions },
  notes: `
Makes a PostgreSQL login and prints its URL with a new password, this once. Needs the URL of the schema's owner.
--role api is what API processes connect with; --role submit may call longshore.submit for its org and nothing else;
--role reader may read its org's views. The same name again gets a new password.`,
  run: async (context) => {
    const login = readLogin(context.positionals[0]!, context.values);
    const made = await inDatabase(context, async (db, url) => {
      const password = await createLogins(db).ensureLogin(login);
      return { ...login, url: urlForLogin(url, login.login, password) };
    });
    context.output.answer(made, () =>
      renderFields({
        login: made.login,
        role: made.role,
        ...(made.org !== undefined && { org: made.org }),
        url: made.url,
        note: 'This password is shown once; keep it now.',
      }),
    );
    return undefined;
  },
});
