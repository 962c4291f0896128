import { createLogins } from '@longshore/db';
import { databaseOptions, defineCommand } from '../command.ts';
import { inDatabase } from '../in-database.ts';
import { loginOptions, readLogin } from '../login-flags.ts';

export const command = defineCommand({
  parameters: ['LOGIN'],
  options: { ...loginOptions, ...databaseOptions },
  notes: `
For a login that exists, such as the one of a service that submits in its own transactions: it keeps its password and
whatever else it may do, and may from now on act for the org.`,
  run: async (context) => {
    const login = readLogin(context.positionals[0]!, context.values);
    await inDatabase(context, (db) => createLogins(db).bindLogin(login));
    context.output.answer(
      login,
      () => `${login.login} may act for ${login.org ?? 'every org'} as ${login.role}`,
    );
    return undefined;
  },
});
