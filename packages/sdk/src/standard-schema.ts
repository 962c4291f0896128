import { LongshoreError } from '@longshore/contract';

/**
 * What every schema library that follows https://standardschema.dev (zod, valibot, arktype, ...) offers.
 * Written out here so that the SDK depends on none of them.
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaOutcome<Output> | Promise<SchemaOutcome<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The value a schema made of its input, or its reasons to refuse it. */
export type SchemaOutcome<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What one may hand to a schema. */
export type InputOf<Schema extends StandardSchemaV1> = NonNullable<Schema['~standard']['types']>['input'];

/** What a schema makes of it: defaults filled in, coercions done. */
export type OutputOf<Schema extends StandardSchemaV1> = NonNullable<Schema['~standard']['types']>['output'];

/**
 * The schema's output for a value; a schema that answers at once is answered at once.
 * Throws, or rejects with, INVALID_INPUT naming the first refused field below `field`.
 */
export const readWith = <Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
  field: string,
): Output | Promise<Output> => {
  const outcome = schema['~standard'].validate(value);
  return outcome instanceof Promise
    ? outcome.then((settled) => outputOf(settled, field))
    : outputOf(outcome, field);
};

const outputOf = <Output>(outcome: SchemaOutcome<Output>, field: string): Output => {
  if (outcome.issues === undefined) return outcome.value;
  const issue = outcome.issues[0];
  throw new LongshoreError('INVALID_INPUT', issue?.message ?? 'The schema refused the value.', {
    field: [field, ...(issue?.path ?? []).map(segmentOf)].join('.'),
  });
};

const segmentOf = (segment: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof segment === 'object' ? segment.key : segment);
