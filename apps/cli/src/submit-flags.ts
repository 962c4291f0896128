import { LongshoreError, type SubmitInput, type SubmitOptions, submitInput } from '@longshore/contract';
import type { OptionSpecs, ValuesOf } from './command.ts';
import { readJson, readNumber } from './read-values.ts';

/** A flag for each option of a submit; the contract says what each may be. */
export const submitFlags = {
  queue: { type: 'string', value: 'NAME', help: 'default: default' },
  priority: { type: 'string', value: 'N', help: 'smaller runs first; default 0' },
  require: { type: 'string', multiple: true, value: 'CAPABILITY', help: 'only workers that have it' },
  category: { type: 'string', value: 'NAME', help: 'what workers may limit their running jobs by' },
  'max-attempts': { type: 'string', value: 'N', help: 'default 3' },
  backoff: { type: 'string', value: 'JSON', help: 'such as {"type":"fixed","baseSeconds":5}' },
  'timeout-seconds': { type: 'string', value: 'N', help: 'hard deadline of one attempt' },
  'delay-seconds': { type: 'string', value: 'N', help: 'run it so much later' },
  'run-at': { type: 'string', value: 'INSTANT', help: 'run it then; ISO 8601 with offset' },
  id: { type: 'string', value: 'UUID', help: 'an id of your own (UUID version 7)' },
  'external-id': { type: 'string', value: 'ID', help: 'what you call it' },
  'idempotency-key': { type: 'string', value: 'KEY', help: 'the same key finds the same job again' },
  'idempotency-key-seconds': { type: 'string', value: 'N', help: 'how long after its finish; default a day' },
  metadata: { type: 'string', value: 'JSON', help: 'an object kept with the job' },
  tag: { type: 'string', multiple: true, value: 'TAG', help: 'a tag' },
  'batch-id': { type: 'string', value: 'ID', help: 'the batch it belongs to' },
  'depends-on': { type: 'string', multiple: true, value: 'ID', help: 'a job that must complete first' },
  'after-batch': { type: 'string', value: 'ID', help: 'a batch that must be finished first' },
  'on-dependency-failure': { type: 'string', value: 'WHAT', help: 'cancel (default) or run' },
} as const satisfies OptionSpecs;

type SubmitFlags = ValuesOf<typeof submitFlags>;

/** The options that the flags give. Throws INVALID_INPUT for what the contract refuses. */
export const readSubmitOptions = (kind: string, payload: string, flags: SubmitFlags): SubmitInput =>
  checkSubmitInput({ kind, payload: readJson('PAYLOAD', payload), ...readFlags(flags) });

/** One job of a file or a command line, checked. Throws INVALID_INPUT naming the field. */
export const checkSubmitInput = (job: unknown): SubmitInput => {
  const read = submitInput.safeParse(job);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new LongshoreError('INVALID_INPUT', `${field || 'the job'}: ${issue?.message}`, { field });
};

const readFlags = (flags: SubmitFlags): Record<string, unknown> => {
  const number = (flag: keyof typeof submitFlags): number | undefined => {
    const text = flags[flag];
    return typeof text === 'string' ? readNumber(flag, text) : undefined;
  };
  const options: Record<keyof SubmitOptions, unknown> = {
    id: flags.id,
    queue: flags.queue,
    priority: number('priority'),
    requiredCapabilities: flags.require,
    category: flags.category,
    maxAttempts: number('max-attempts'),
    backoff: flags.backoff && readJson('--backoff', flags.backoff),
    timeoutSeconds: number('timeout-seconds'),
    delaySeconds: number('delay-seconds'),
    runAt: flags['run-at'],
    externalId: flags['external-id'],
    idempotencyKey: flags['idempotency-key'],
    idempotencyKeySeconds: number('idempotency-key-seconds'),
    metadata: flags.metadata && readJson('--metadata', flags.metadata),
    tags: flags.tag,
    batchId: flags['batch-id'],
    dependsOn: flags['depends-on'],
    afterBatch: flags['after-batch'],
    onDependencyFailure: flags['on-dependency-failure'],
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
};
