import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { renderFields } from '../render-table.ts';

export const command = defineCommand({
  parameters: ['NAME'],
  options: {
    capability: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'a capability it may claim to have; default: any',
    },
    ...apiOptions,
  },
  run: async (context) => {
    const { capability } = context.values;
    const worker = await openAdminClient(context).workers.register({
      name: context.positionals[0]!,
      ...(capability && { allowedCapabilities: capability }),
    });
    context.output.answer(worker, () =>
      renderFields({
        id: worker.id,
        name: worker.name,
        key: worker.apiKey,
        note: 'This key is shown once; give it to the worker as LONGSHORE_API_KEY.',
      }),
    );
    return undefined;
  },
});
