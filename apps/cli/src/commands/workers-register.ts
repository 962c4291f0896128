import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { givenHashFlags, readGivenHash } from '../given-hash-flags.ts';
import { policyFlags, readPolicy } from '../policy-flags.ts';
import { renderFields } from '../render-table.ts';

export const command = defineCommand({
  parameters: ['NAME'],
  options: {
    ...policyFlags,
    ...givenHashFlags,
    ...apiOptions,
  },
  run: async (context) => {
    const input = { name: context.positionals[0]!, ...readPolicy(context.values) };
    const given = readGivenHash(context.values);
    const { workers } = openAdminClient(context);
    if (given) {
      const worker = await workers.registerWithHash({ ...input, ...given });
      context.output.answer(worker, () => renderFields({ ...worker }));
      return undefined;
    }
    const worker = await workers.register(input);
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
