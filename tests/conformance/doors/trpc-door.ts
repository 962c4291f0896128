import type { AppRouter } from '@longshore/api';
import { type ErrorBody, type FinishAnswer, LongshoreError } from '@longshore/contract';
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client';
import { type OpenDoor, toOutcomes, type Verbs } from './door.ts';
import { type OrgKeys, openHttpDoor, orNull } from './idle-api.ts';
import type { DoorUrls } from './use-door.ts';

/** The API's procedures over HTTP, called by a plain tRPC client. */
export const openTrpcDoor = (database: DoorUrls): Promise<OpenDoor> => openHttpDoor(database, connectVerbs);

const connectVerbs = (url: string, keys: OrgKeys): Verbs => {
  const { jobs } = connectRouter(url, keys.submit);
  const { worker } = connectRouter(url, keys.worker);
  const { queues } = connectRouter(url, keys.admin);
  return {
    submit: async (job) => (await told(jobs.submit.mutate(job))).id,
    submitMany: async (all) => (await told(jobs.submitMany.mutate({ jobs: all }))).jobs.map(({ id }) => id),
    openSession: async (input) => (await told(worker.openSession.mutate(input))).sessionId,
    closeSession: async (sessionId) => (await told(worker.closeSession.mutate({ sessionId }))).released,
    claim: async (sessionId, limit) =>
      (await orNull(told(worker.claim.mutate({ sessionId, limit })), 'SESSION_LOST'))?.jobs ?? [],
    heartbeat: (sessionId, held) =>
      orNull(told(worker.heartbeat.mutate({ sessionId, held })), 'SESSION_LOST'),
    complete: (items) => outcomes(worker.complete.mutate({ items })),
    fail: (items) => outcomes(worker.fail.mutate({ items })),
    release: (items) => outcomes(worker.release.mutate({ items })),
    snooze: (items) => outcomes(worker.snooze.mutate({ items })),
    report: (items) => outcomes(worker.report.mutate({ items })),
    cancel: (ids, reason) => outcomes(jobs.cancel.mutate({ ids, reason })),
    retry: (ids) => outcomes(jobs.retry.mutate({ ids })),
    get: (id) => orNull(told(jobs.get.query({ id })), 'NOT_FOUND'),
    getByExternalId: (externalId) => orNull(told(jobs.getByExternalId.query({ externalId })), 'NOT_FOUND'),
    batchStatus: (batchId) => told(jobs.batchStatus.query({ batchId })),
    output: async (id) => (await told(jobs.output.query({ id }))).lines.map(({ text }) => text),
    pauseQueue: async (queue) => void (await told(queues.pause.mutate({ queue }))),
    resumeQueue: async (queue) => void (await told(queues.resume.mutate({ queue }))),
  };
};

const connectRouter = (url: string, apiKey: string) =>
  createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${url}/trpc`, headers: { authorization: `Bearer ${apiKey}` } })],
  });

const outcomes = async (call: Promise<{ answers: FinishAnswer[] }>) => toOutcomes((await told(call)).answers);

const told = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    const data: { longshore: ErrorBody } | undefined = error.data;
    throw data ? LongshoreError.fromBody(data.longshore) : error;
  }
};
