import { LongshoreError } from '@longshore/contract';
import { anyJob } from '../any-job.ts';
import { apiOptions, type CommandContext, defineCommand } from '../command.ts';
import { openClient } from '../connections.ts';
import type { ExitCode } from '../exit-codes.ts';
import { readNumber } from '../read-values.ts';
import { renderCount } from '../render-numbers.ts';
import { submitFile } from '../submit-file.ts';
import { readSubmitOptions, submitFlags } from '../submit-flags.ts';

const options = {
  ...submitFlags,
  wait: { type: 'boolean', help: 'wait, and answer with the result' },
  'wait-seconds': { type: 'string', value: 'N', help: 'wait no longer than this; default: for ever' },
  file: { type: 'string', value: 'FILE', help: 'submit many: one JSON object a line; - for standard input' },
  ...apiOptions,
} as const;

export const command = defineCommand({
  parameters: ['[KIND]', '[PAYLOAD]'],
  options,
  notes: `
PAYLOAD is JSON. --wait prints the result alone; it ends with 1 when the job failed or was cancelled, and with 5 when
it was not finished in time.

A line of --file is {"kind": "...", "payload": ...} with any option of a submit beside them, such as "queue",
"batchId" or "idempotencyKey". They are stored up to 1,000 at a time, each time all or none.`,
  run: (context) =>
    context.values.file === undefined ? submitOne(context) : submitMany(context, context.values.file),
});

type Context = CommandContext<typeof options>;

const submitOne = async (context: Context): Promise<ExitCode | undefined> => {
  const [kind, text] = context.positionals;
  if (kind === undefined || text === undefined) {
    throw new LongshoreError('INVALID_INPUT', 'Give KIND and PAYLOAD, or --file.');
  }
  const { payload, kind: _, ...submitOptions } = readSubmitOptions(kind, text, context.values);
  const handle = await openClient(context).submit(anyJob(kind), payload, submitOptions);
  const { id, state, isNew } = handle;
  const timeoutSeconds = readPatience(context.values);
  if (timeoutSeconds === undefined) {
    context.output.answer({ id, state, isNew }, () => id);
    return undefined;
  }
  context.output.note(`submitted ${id}`);
  const result = await handle.wait({ timeoutSeconds });
  context.output.answer({ id, state: 'completed', isNew, result }, () => JSON.stringify(result, null, 2));
  return undefined;
};

const readPatience = ({ wait, 'wait-seconds': seconds }: Context['values']): number | undefined => {
  if (seconds !== undefined) return readNumber('wait-seconds', seconds);
  return wait ? Number.POSITIVE_INFINITY : undefined;
};

const submitMany = async (context: Context, path: string): Promise<undefined> => {
  const flags = Object.keys(context.values).filter((flag) => !['file', 'url', 'json'].includes(flag));
  if (context.positionals.length > 0 || flags.length > 0) {
    throw new LongshoreError('INVALID_INPUT', 'With --file, everything about a job stands in its line.');
  }
  const answer = await submitFile(openClient(context), path, context.output);
  context.output.answer(answer, () => {
    const known = answer.jobs - answer.newJobs;
    return `submitted ${renderCount(answer.jobs)} jobs${known > 0 ? `, ${renderCount(known)} of them known already` : ''}`;
  });
  return undefined;
};
