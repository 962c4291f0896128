import { limits } from '@longshore/contract';
import { apiOptions, defineCommand } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { readChoice, readNumber } from '../read-values.ts';

const statesOf = { completed: ['completed'], failed: ['failed', 'cancelled'] } as const;

export const command = defineCommand({
  parameters: ['QUEUE'],
  options: {
    outcome: {
      type: 'string',
      value: 'OUTCOME',
      help: 'completed (the default), or failed, with cancelled ones',
    },
    'older-than-seconds': { type: 'string', value: 'N', help: 'what finished longer ago; default 86400' },
    ...apiOptions,
  },
  notes: 'Takes finished jobs out of history for good, with their output.',
  run: async (context) => {
    const queue = context.positionals[0]!;
    const { outcome = 'completed', 'older-than-seconds': age = '86400' } = context.values;
    const states = [...statesOf[readChoice('outcome', outcome, ['completed', 'failed'] as const)]];
    const input = {
      queue,
      states,
      graceSeconds: readNumber('older-than-seconds', age),
      limit: limits.batchJobsMax,
    };
    const { queues } = openAdminClient(context);
    let removed = 0;
    let from: string | undefined;
    do {
      const { ids, goOnFrom } = await queues.clean({ ...input, from });
      removed += ids.length;
      from = goOnFrom ?? undefined;
    } while (from !== undefined);
    context.output.answer({ queue, removed }, () => `removed ${removed} jobs of ${queue}`);
    return undefined;
  },
});
