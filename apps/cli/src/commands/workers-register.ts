import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { readWholeNumber } from '../read-values.ts';
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
    'max-concurrent-jobs': {
      type: 'string',
      value: 'N',
      help: 'jobs it may hold at a time; default: no limit',
    },
    ...apiOptions,
  },
  run: async (context) => {
    const { capability, 'max-concurrent-jobs': maxConcurrentJobs } = context.values;
    const worker = await openAdminClient(context).workers.register({
      name: context.positionals[0]!,
      ...(capability && { allowedCapabilities: capability }),
      ...(maxConcurrentJobs && {
        maxConcurrentJobs: readWholeNumber('max-concurrent-jobs', maxConcurrentJobs),
      }),
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
