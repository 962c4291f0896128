import { cancelWhereInput, LongshoreError } from '@longshore/contract';
import type { CancelWhereInput } from '@longshore/sdk';
import { changeEach } from '../change-each.ts';
import { apiOptions, type CommandContext, defineCommand } from '../command.ts';
import { openClient } from '../connections.ts';
import type { ExitCode } from '../exit-codes.ts';
import { readChoice } from '../read-values.ts';

const states = cancelWhereInput.shape.state.unwrap().options;

const filterFlags = {
  batch: { type: 'string', value: 'ID', help: 'all jobs of this batch' },
  queue: { type: 'string', value: 'NAME', help: 'all jobs of this queue' },
  kind: { type: 'string', value: 'KIND', help: 'all jobs of this kind' },
  tag: { type: 'string', value: 'TAG', help: 'all jobs with this tag' },
  state: { type: 'string', value: 'STATE', help: states.join(', ') },
  'created-before': { type: 'string', value: 'INSTANT', help: 'such as 2026-01-31T12:00:00Z' },
} as const;

const options = {
  ...filterFlags,
  reason: { type: 'string', value: 'TEXT', help: 'kept with the job' },
  ...apiOptions,
} as const;

export const command = defineCommand({
  parameters: ['[ID...]'],
  options,
  notes: 'Either ids or a filter: a job is cancelled when it fits all that the flags name.',
  run: (context) => {
    const filter = readFilter(context.values);
    const isFilter = Object.keys(filter).length > 0;
    if (isFilter === context.positionals.length > 0) throw eitherOr();
    return isFilter ? cancelWhere(context, filter) : cancelEach(context);
  },
});

type Context = CommandContext<typeof options>;

/** A flag without a value, as an unset variable leaves it, stays in the filter to be refused: without it more jobs would fit. */
const readFilter = (values: Context['values']): CancelWhereInput => ({
  ...(values.batch !== undefined && { batchId: values.batch }),
  ...(values.queue !== undefined && { queue: values.queue }),
  ...(values.kind !== undefined && { kind: values.kind }),
  ...(values.tag !== undefined && { tag: values.tag }),
  ...(values.state !== undefined && { state: readChoice('state', values.state, states) }),
  ...(values['created-before'] !== undefined && { createdBefore: values['created-before'] }),
});

const cancelWhere = async (context: Context, filter: CancelWhereInput): Promise<undefined> => {
  const answer = await openClient(context).cancelWhere({ ...filter, ...readReason(context) });
  const { cancelled, asked } = answer;
  context.output.answer(answer, () => `cancelled ${cancelled}, asked ${asked} that run to stop`);
};

const cancelEach = (context: Context): Promise<ExitCode> => {
  const client = openClient(context);
  return changeEach(context.positionals, context.output, (id) => client.cancel(id, readReason(context)));
};

const readReason = ({ values: { reason } }: Context): { reason?: string } =>
  reason === undefined ? {} : { reason };

const eitherOr = (): LongshoreError =>
  new LongshoreError('INVALID_INPUT', 'Name jobs by their ids or by flags, one of the two.', {
    hint: 'See longshore jobs cancel --help.',
  });
