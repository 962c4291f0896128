import { LongshoreError, limits, type SubmitAnswer, type SubmitOptions, uuidV7 } from '@longshore/contract';
import type { ApiClient } from './api-client.ts';
import type { JobRequest, JobTypes } from './define-job.ts';
import { createGatherer } from './gatherer.ts';
import { JsonText } from './json-text.ts';
import { readWith } from './standard-schema.ts';
import { toWireText } from './wire-json.ts';

const requestBytesMax = 4 * 1_048_576;

/** A job whose payload has been checked. */
export interface CheckedJob {
  kind: string;
  payloadText: string;
  options: SubmitOptions;
}

/** A job as it travels, and roughly how large it is. */
export interface PackedJob {
  json: JsonText;
  bytes: number;
  /** Chosen here. An id of the caller's may be a repeat of an earlier submit. */
  isIdNew: boolean;
}

/**
 * Checks a payload. The wire carries what was given, not what the schema made of it, so that the worker reads it with the
 * same schema. The id is chosen here: a submit whose answer is lost is sent again and finds its own job.
 * Rejects with INVALID_INPUT.
 */
export const checkJob = async <Types extends JobTypes>({
  job,
  payload,
  options,
}: JobRequest<Types>): Promise<CheckedJob> => {
  const reading = readWith(job.payload, payload, 'payload');
  if (reading instanceof Promise) await reading;
  return {
    kind: job.kind,
    payloadText: toWireText(payload, 'payload'),
    options: { ...job.defaults, id: uuidV7(), ...withoutUndefined(options) },
  };
};

/** Checks a job and writes it down for the wire, once: 1,000 of them are joined to a request. Rejects with INVALID_INPUT. */
export const packJob = async <Types extends JobTypes>(request: JobRequest<Types>): Promise<PackedJob> => {
  const { kind, payloadText, options } = await checkJob(request);
  const rest = toWireText({ ...options, kind }, 'options');
  const text = `{"payload":${payloadText},${rest.slice(1)}`;
  return {
    json: new JsonText(text),
    bytes: Buffer.byteLength(text),
    isIdNew: request.options.id === undefined,
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

  return { submit };
};

/** The body of a request. */
export const toSubmits = (jobs: readonly PackedJob[]): { jobs: JsonText[]; areIdsNew: boolean } => ({
  jobs: jobs.map(({ json }) => json),
  areIdsNew: jobs.every(({ isIdNew }) => isIdNew),
});

/** An option left undefined is left to the definition. */
const withoutUndefined = (options: SubmitOptions): SubmitOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** A caller of `submit` knows of one job only, not of its place in the request. */
const withoutPosition = ({ code, message, field, hint }: LongshoreError): LongshoreError =>
  new LongshoreError(code, message.replace(position, ''), { field: field?.replace(position, ''), hint });

const position = /^jobs\[\d+\]\./;
