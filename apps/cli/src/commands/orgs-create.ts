import { apiOptions, defineCommand } from '../command.ts';
import { openOperatorClient } from '../connections.ts';
import { renderFields } from '../render-table.ts';

export const command = defineCommand({
  parameters: ['SLUG'],
  options: apiOptions,
  notes: 'Needs an operator key; make the first one with: longshore keys create --role operator',
  run: async (context) => {
    const org = await openOperatorClient(context).orgs.create(context.positionals[0]!);
    context.output.answer(org, () =>
      renderFields({
        org: org.slug,
        'admin key': org.adminKey,
        note: 'This key is shown once; keep it now.',
      }),
    );
    return undefined;
  },
});
