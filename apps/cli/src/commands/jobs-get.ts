import { LongshoreError } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openClient } from '../connections.ts';
import { renderJob } from '../render-job.ts';

export const command = defineCommand({
  parameters: ['[ID]'],
  options: {
    'external-id': { type: 'string', value: 'ID', help: 'find it by the id its submitter gave it' },
    ...apiOptions,
  },
  run: async (context) => {
    const [id] = context.positionals;
    const { 'external-id': externalId } = context.values;
    if ((id === undefined) === (externalId === undefined)) {
      throw new LongshoreError('INVALID_INPUT', 'Give either ID or --external-id.');
    }
    const client = openClient(context);
    const job = externalId ? await client.getByExternalId(externalId) : await client.get(id!);
    context.output.answer(job, () => renderJob(job));
    return undefined;
  },
});
