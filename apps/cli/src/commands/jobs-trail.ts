import type { JobEvent } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openClient } from '../connections.ts';
import { type Column, renderTable } from '../render-table.ts';

export const command = defineCommand({
  parameters: ['ID'],
  options: apiOptions,
  run: async (context) => {
    const events = await openClient(context).events(context.positionals[0]!);
    context.output.answer(events, () => renderTable(columns, events));
    return undefined;
  },
});

const columns: Column<JobEvent>[] = [
  { title: 'AT', read: ({ at }) => at },
  { title: 'EVENT', read: ({ event }) => event },
  { title: 'ATTEMPT', align: 'right', read: ({ attempt }) => attempt },
  { title: 'BY', read: ({ actor }) => actor },
  { title: 'WORKER', read: ({ workerName }) => workerName },
  { title: 'DETAIL', read: ({ detail }) => detail && JSON.stringify(detail) },
];
