import { type Job, jobStates } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openClient } from '../connections.ts';
import { readChoice, readWholeNumber } from '../read-values.ts';
import { renderAge } from '../render-numbers.ts';
import { type Column, renderTable } from '../render-table.ts';

const listLimit = 20;

export const command = defineCommand({
  options: {
    state: { type: 'string', value: 'STATE', help: jobStates.join(', ') },
    queue: { type: 'string', value: 'NAME', help: 'of this queue' },
    kind: { type: 'string', value: 'KIND', help: 'of this kind' },
    'batch-id': { type: 'string', value: 'ID', help: 'of this batch' },
    tag: { type: 'string', value: 'TAG', help: 'with this tag' },
    limit: { type: 'string', value: 'N', help: `at most so many; default ${listLimit}` },
    cursor: { type: 'string', value: 'CURSOR', help: 'the nextCursor of the page before' },
    ...apiOptions,
  },
  run: async (context) => {
    const { state, queue, kind, 'batch-id': batchId, tag, limit, cursor } = context.values;
    const page = await openClient(context).list({
      ...(state && { state: readChoice('state', state, jobStates) }),
      ...(queue && { queue }),
      ...(kind && { kind }),
      ...(batchId && { batchId }),
      ...(tag && { tag }),
      ...(cursor && { cursor }),
      limit: limit ? readWholeNumber('limit', limit) : listLimit,
    });
    context.output.answer(page, () => renderTable(columns, page.jobs));
    if (page.nextCursor) context.output.note(`more: --cursor ${page.nextCursor}`);
    return undefined;
  },
});

const columns: Column<Job>[] = [
  { title: 'ID', read: ({ id }) => id },
  { title: 'KIND', read: ({ kind }) => kind },
  { title: 'STATE', read: ({ state }) => state },
  { title: 'QUEUE', read: ({ queue }) => queue },
  { title: 'PRIORITY', align: 'right', read: ({ priority }) => priority },
  { title: 'ATTEMPT', align: 'right', read: ({ attempt, maxAttempts }) => `${attempt}/${maxAttempts}` },
  { title: 'RESCUES', align: 'right', read: ({ rescues }) => rescues },
  { title: 'AGE', align: 'right', read: ({ createdAt }) => renderAge(createdAt) },
];
