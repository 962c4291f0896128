import { jsonValue, type SubmitInput } from '@longshore/contract';
import { defineJob, type JobRequest } from '@longshore/sdk';

/** A definition for a kind that only its name is known of: any JSON in, any JSON out. */
export const anyJob = (kind: string) => defineJob({ kind, payload: jsonValue, result: jsonValue });

/** A job that was read from text, ready for the client. */
export const anyRequest = ({ kind, payload, ...options }: SubmitInput): JobRequest<AnyTypes> =>
  anyJob(kind).request(payload, options);

type AnyTypes =
  ReturnType<typeof anyJob> extends { request(...args: never[]): JobRequest<infer Types> } ? Types : never;
