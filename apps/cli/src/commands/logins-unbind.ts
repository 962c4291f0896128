import { LongshoreError } from '@longshore/contract';
import { createLogins } from '@longshore/db';
import { databaseOptions, defineCommand } from '../command.ts';
import { inDatabase } from '../in-database.ts';

export const command = defineCommand({
  parameters: ['LOGIN'],
  options: {
    org: { type: 'string', value: 'SLUG', help: 'the org it shall no longer act for; * for "every org"' },
    ...databaseOptions,
  },
  run: async (context) => {
    const [login] = context.positionals;
    const { org } = context.values;
    if (org === undefined) throw new LongshoreError('INVALID_INPUT', '--org is missing.', { field: 'org' });
    await inDatabase(context, (db) => createLogins(db).unbindLogin({ login: login!, org }));
    context.output.answer({ login, org }, () => `${login} does not act for ${org} any more`);
    return undefined;
  },
});
