import {
  LongshoreError,
  limits,
  type SubmitAnswer,
  type SubmitInput,
  type SubmitOptions,
  uuidV7,
} from '@longshore/contract';
import type { ApiClient } from './api-client.ts';
import type { JobRequest, JobTypes } from './define-job.ts';
import { createGatherer } from './gatherer.ts';
import { readWith } from './standard-schema.ts';
import { toWireJson } from './wire-json.ts';

const requestBytesMax = 4 * 1_048_576;

/** A job as it travels, and roughly how large it is. */
export interface PackedJob {
  input: SubmitInput;
  bytes: number;
  /** Chosen here. An id of the caller's may be a repeat of an earlier submit. */
  isIdNew: boolean;
}

/**
 * Checks a payload and packs the job for the wire. The wire carries what was given, not what the schema made of it, so
 * that the worker reads it with the same schema. The id is chosen here: a submit whose answer is lost is sent again and
 * finds its own job. Rejects with INVALID_INPUT.
 */
export const packJob = async <Types extends JobTypes>(request: JobRequest<Types>): Promise<PackedJob> => {
  const { job, payload, options } = request;
  await readWith(job.payload, payload, 'payload');
  const { json, bytes } = toWireJson(payload, 'payload');
  const chosen = { ...job.defaults, id: uuidV7(), ...withoutUndefined(options) };
  const bytesOfOptions = toWireJson(chosen, 'options').bytes;
  return {
    input: { ...chosen, kind: job.kind, payload: json },
    bytes: bytes + bytesOfOptions,
    isIdNew: options.id === undefined,
  };
};

/** Sends the submits made at the same time together; each gets its own answer or its own error. */
export const createSubmits = (api: ApiClient) => {
  const gatherer = createGatherer({
    send: async (jobs: PackedJob[]) => (await api.jobs.submitEach(toSubmits(jobs))).answers,
    itemsMax: limits.batchJobsMax,
    bytesMax: requestBytesMax,
  });

  const submit = async (job: PackedJob): Promise<SubmitAnswer> => {
    const answer = await gatherer.add(job, job.bytes);
    if (!answer.ok) throw withoutPosition(LongshoreError.fromBody(answer.error));
    return { id: answer.id, state: answer.state, isNew: answer.isNew };
  };

  return { submit, whenIdle: gatherer.whenIdle };
};

/** The body of a request. */
export const toSubmits = (jobs: readonly PackedJob[]): { jobs: SubmitInput[]; areIdsNew: boolean } => ({
  jobs: jobs.map(({ input }) => input),
  areIdsNew: jobs.every(({ isIdNew }) => isIdNew),
});

/** An option left undefined is left to the definition. */
const withoutUndefined = (options: SubmitOptions): SubmitOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** A caller of `submit` knows of one job only, not of its place in the request. */
const withoutPosition = ({ code, message, field, hint }: LongshoreError): LongshoreError =>
  new LongshoreError(code, message.replace(position, ''), { field: field?.replace(position, ''), hint });

const position = /^jobs\[\d+\]\./;
