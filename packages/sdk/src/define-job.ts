import type { JsonValue, SubmitOptions } from '@longshore/contract';
import type { JobContext } from './job-context.ts';
import { FatalError } from './job-errors.ts';
import { type InputOf, type OutputOf, readWith, type StandardSchemaV1 } from './standard-schema.ts';

/**
 * The types of one kind of job. The wire carries what goes into a schema (`...Input`); whoever reads it, the handler
 * the payload and the client the result, gets what the schema makes of it.
 */
export interface JobTypes {
  payloadInput: unknown;
  payload: unknown;
  resultInput: unknown;
  result: unknown;
  progressInput: unknown;
  progress: unknown;
}

/** Submit options that a definition may set for all its jobs; a submit overrules them one by one. */
export type JobDefaults = Pick<
  SubmitOptions,
  | 'queue'
  | 'priority'
  | 'requiredCapabilities'
  | 'category'
  | 'maxAttempts'
  | 'backoff'
  | 'timeoutSeconds'
  | 'idempotencyKeySeconds'
  | 'metadata'
  | 'tags'
  | 'onDependencyFailure'
>;

/** What a handler is: it gets the payload as the schema reads it, and returns (a promise of) the result. */
export type Handle<Types extends JobTypes> = (
  payload: Types['payload'],
  context: JobContext<Types>,
) => Types['resultInput'] | Promise<Types['resultInput']>;

/** A handler bound to its definition, ready for `createWorker`. */
export interface JobHandler {
  readonly kind: string;
  /** Reads the payload, runs the handler and checks its result. Rejects with whatever ended it. */
  perform(payload: JsonValue, context: JobContext): Promise<unknown>;
  /** Throws, or rejects with, INVALID_INPUT when the value is no progress of this kind of job. */
  checkProgress(value: unknown): unknown;
}

/** A job to submit: a definition with a checked payload. */
export interface JobRequest<Types extends JobTypes = JobTypes> {
  readonly job: JobDefinition<Types>;
  readonly payload: Types['payloadInput'];
  readonly options: SubmitOptions;
}

/** One kind of job. Holds no handler, so that the side that submits does not load the code that works. */
export interface JobDefinition<Types extends JobTypes = JobTypes> {
  readonly kind: string;
  readonly payload: StandardSchemaV1<Types['payloadInput'], Types['payload']>;
  readonly result: StandardSchemaV1<Types['resultInput'], Types['result']> | undefined;
  readonly progress: StandardSchemaV1<Types['progressInput'], Types['progress']> | undefined;
  readonly defaults: JobDefaults;
  /** A job of this kind for `client.submitMany`; nothing is sent yet. */
  request(payload: Types['payloadInput'], options?: SubmitOptions): JobRequest<Types>;
  /** Binds the code that does such jobs, for `createWorker({ handlers })`. */
  handler(handle: Handle<Types>): JobHandler;
}

/** What `defineJob` takes: the kind, its schemas, and default submit options. */
export interface JobSpec<
  Payload extends StandardSchemaV1,
  Result extends StandardSchemaV1,
  Progress extends StandardSchemaV1,
> extends JobDefaults {
  kind: string;
  payload: Payload;
  /** Without it a handler may return any JSON, or nothing. */
  result?: Result;
  /** Without it progress may be any JSON. */
  progress?: Progress;
}

/** The types that belong to three schemas. */
export interface TypesOf<
  Payload extends StandardSchemaV1,
  Result extends StandardSchemaV1,
  Progress extends StandardSchemaV1,
> extends JobTypes {
  payloadInput: InputOf<Payload>;
  payload: OutputOf<Payload>;
  resultInput: InputOf<Result>;
  result: OutputOf<Result>;
  progressInput: InputOf<Progress>;
  progress: OutputOf<Progress>;
}

type AnyResult = StandardSchemaV1<unknown, JsonValue>;
type AnyJson = StandardSchemaV1<JsonValue, JsonValue>;

/**
 * Defines a kind of job from any Standard Schema, so that payload, progress and result are typed from submit to handler
 * to result. The payload is checked when it is submitted and again before the handler sees it.
 *
 * @example
 * const greet = defineJob({ kind: 'greet', payload: z.object({ name: z.string() }), result: z.string() });
 */
export const defineJob = <
  Payload extends StandardSchemaV1,
  Result extends StandardSchemaV1 = AnyResult,
  Progress extends StandardSchemaV1 = AnyJson,
>(
  spec: JobSpec<Payload, Result, Progress>,
): JobDefinition<TypesOf<Payload, Result, Progress>> => {
  const { kind, payload, result, progress, ...defaults } = spec;
  const definition: JobDefinition<TypesOf<Payload, Result, Progress>> = {
    kind,
    payload,
    result,
    progress,
    defaults,
    request: (value, options = {}) => ({ job: definition, payload: value, options }),
    handler: (handle) => bindHandler(definition, handle),
  };
  return definition;
};

const bindHandler = <Types extends JobTypes>(
  definition: JobDefinition<Types>,
  handle: Handle<Types>,
): JobHandler => ({
  kind: definition.kind,
  perform: async (payload, context) => {
    const reading = readPayload(definition, payload);
    const result = await handle(reading instanceof Promise ? await reading : reading, context);
    const checking = definition.result && readWith(definition.result, result, 'result');
    if (checking instanceof Promise) await checking;
    return result;
  },
  checkProgress: (value) => (definition.progress ? readWith(definition.progress, value, 'progress') : value),
});

/** A payload that the schema refuses today is refused at the next attempt too. */
const readPayload = <Types extends JobTypes>(
  definition: JobDefinition<Types>,
  payload: JsonValue,
): Types['payload'] | Promise<Types['payload']> => {
  const refuse = (cause: unknown): never => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FatalError(`The payload does not fit the schema of ${definition.kind}: ${reason}`, { cause });
  };
  try {
    const reading = readWith(definition.payload, payload, 'payload');
    return reading instanceof Promise ? reading.catch(refuse) : reading;
  } catch (cause) {
    return refuse(cause);
  }
};
