import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { readNumber } from '../read-values.ts';
import { renderFields } from '../render-table.ts';

export const command = defineCommand({
  parameters: ['ID'],
  options: {
    'overlap-seconds': {
      type: 'string',
      value: 'N',
      help: 'how long the old key still works; default 86400, a day; 0 ends it at once',
    },
    'expires-in-seconds': {
      type: 'string',
      value: 'N',
      help: 'of the new key; default: when the old one was to end',
    },
    ...apiOptions,
  },
  run: async (context) => {
    const { 'overlap-seconds': overlap, 'expires-in-seconds': expires } = context.values;
    const key = await openAdminClient(context).keys.rotate({
      id: context.positionals[0]!,
      ...(overlap !== undefined && { overlapSeconds: readNumber('overlap-seconds', overlap) }),
      ...(expires !== undefined && { expiresInSeconds: readNumber('expires-in-seconds', expires) }),
    });
    context.output.answer(key, () =>
      renderFields({
        id: key.id,
        role: key.role,
        key: key.apiKey,
        expires: key.expiresAt,
        'old key until': key.oldKeyExpiresAt,
        note: 'This key is shown once; keep it now.',
      }),
    );
    return undefined;
  },
});
