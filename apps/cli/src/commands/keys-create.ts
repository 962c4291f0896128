import { type CreatedApiKey, LongshoreError } from '@longshore/contract';
import { systemOrgId } from '@longshore/db';
import { apiOptions, type CommandContext, databaseOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { withDatabaseAdmin } from '../database-admin.ts';
import { readNumber } from '../read-values.ts';
import { renderFields } from '../render-table.ts';

const options = {
  role: { type: 'string', value: 'ROLE', help: 'admin, submit or operator' },
  name: { type: 'string', value: 'NAME', help: 'what the key is for; default: its role' },
  'expires-in-seconds': { type: 'string', value: 'N', help: 'default: it stays until it is revoked' },
  org: { type: 'string', value: 'SLUG', help: 'make it straight in the database, for this org' },
  ...apiOptions,
  ...databaseOptions,
} as const;

export const command = defineCommand({
  options,
  notes: `
An admin or submit key is made through the API, with an admin's key, for the org of that key.
An operator key is made straight in the database (DATABASE_URL): that is how a deployment gets its first key.
With --org an admin or submit key is made there too, as when an org has lost its last admin key.
Set LONGSHORE_KEY_PREFIX and LONGSHORE_KEY_HASH_MODULE as the API has them, when it has them.
A worker's key comes from: longshore workers register NAME`,
  run: async (context) => {
    const key = await createKey(context);
    context.output.answer(key, () =>
      renderFields({
        id: key.id,
        role: key.role,
        key: key.apiKey,
        expires: key.expiresAt,
        note: 'This key is shown once; keep it now.',
      }),
    );
    return undefined;
  },
});

const createKey = async (context: CommandContext<typeof options>): Promise<CreatedApiKey> => {
  const { role, name = role ?? '', org, 'expires-in-seconds': seconds } = context.values;
  const traits = {
    name,
    ...(seconds !== undefined && { expiresInSeconds: readNumber('expires-in-seconds', seconds) }),
  };
  switch (role) {
    case 'admin':
    case 'submit':
      if (org === undefined) return openAdminClient(context).keys.create({ role, ...traits });
      return withDatabaseAdmin(context, async (admin) =>
        admin.createKey(await admin.orgIdOf(org), { role, ...traits }),
      );
    case 'operator':
      if (org !== undefined)
        throw new LongshoreError('INVALID_INPUT', '--org is not for operator keys: they belong to no org.');
      return withDatabaseAdmin(context, (admin) => admin.createKey(systemOrgId, { role, ...traits }));
    default:
      throw new LongshoreError('INVALID_INPUT', '--role must be admin, submit or operator.', {
        hint: 'A worker gets its key by: longshore workers register NAME',
      });
  }
};
