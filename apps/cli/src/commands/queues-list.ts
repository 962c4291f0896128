import type { QueueStats } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { renderSeconds } from '../render-numbers.ts';
import { type Column, renderTable } from '../render-table.ts';

export const command = defineCommand({
  options: apiOptions,
  run: async (context) => {
    const queues = await openAdminClient(context).queues.list();
    context.output.answer(queues, () => renderTable(columns, queues));
    return undefined;
  },
});

const columns: Column<QueueStats>[] = [
  { title: 'QUEUE', read: ({ queue }) => queue },
  { title: '', read: ({ isPaused }) => (isPaused ? 'paused' : '') },
  { title: 'AVAILABLE', align: 'right', read: ({ available }) => available },
  { title: 'RUNNING', align: 'right', read: ({ running }) => running },
  { title: 'SCHEDULED', align: 'right', read: ({ scheduled }) => scheduled },
  { title: 'BLOCKED', align: 'right', read: ({ blocked }) => blocked },
  {
    title: 'LONGEST WAIT',
    align: 'right',
    read: ({ oldestAvailableSeconds }) =>
      oldestAvailableSeconds === null ? undefined : renderSeconds(oldestAvailableSeconds),
  },
];
