import type { KeptJobs, RetainQueueInput } from '@longshore/contract';
import { apiOptions, defineCommand, type OptionSpecs, type ValuesOf } from '../command.ts';
import { openAdminClient } from '../connections.ts';
import { readChoice, readNumber, readWholeNumber } from '../read-values.ts';

const retentionFlags = {
  'completed-count': { type: 'string', value: 'N', help: 'keep the newest N completed jobs' },
  'completed-seconds': { type: 'string', value: 'N', help: 'keep those completed within N seconds' },
  'failed-count': { type: 'string', value: 'N', help: 'keep the newest N failed and cancelled jobs' },
  'failed-seconds': { type: 'string', value: 'N', help: 'keep those that failed within N seconds' },
  lift: { type: 'string', multiple: true, value: 'OUTCOME', help: 'no bound for completed, or for failed' },
} as const satisfies OptionSpecs;

export const command = defineCommand({
  parameters: ['QUEUE'],
  options: { ...retentionFlags, ...apiOptions },
  notes:
    'Keeps less of a queue’s history than the deployment does. What no flag names stays as it is; without any the ' +
    'command shows what holds. What finished within the last minute always stays.',
  run: async (context) => {
    const queue = context.positionals[0]!;
    const input = readRetention(context.values);
    const { queues } = openAdminClient(context);
    const isChange = Object.keys(input).length > 0;
    const kept = isChange ? await queues.retain({ queue, ...input }) : (await queues.counts(queue)).retention;
    context.output.answer({ queue, ...kept }, () => `${queue} keeps ${JSON.stringify(kept)}`);
    return undefined;
  },
});

const readRetention = (flags: ValuesOf<typeof retentionFlags>): Omit<RetainQueueInput, 'queue'> => {
  const keptOf = (outcome: 'completed' | 'failed'): KeptJobs | undefined => {
    const [count, seconds] = [flags[`${outcome}-count`], flags[`${outcome}-seconds`]];
    if (count === undefined && seconds === undefined) return undefined;
    return {
      ...(count !== undefined && { count: readWholeNumber(`${outcome}-count`, count) }),
      ...(seconds !== undefined && { ageSeconds: readNumber(`${outcome}-seconds`, seconds) }),
    };
  };
  const [completed, failed] = [keptOf('completed'), keptOf('failed')];
  const lifted = (flags.lift ?? []).map((text) => readChoice('lift', text, ['completed', 'failed'] as const));
  return {
    ...(completed && { completed }),
    ...(failed && { failed }),
    ...Object.fromEntries(lifted.map((outcome) => [outcome, null])),
  };
};
