import type { FinishAnswer, SubmitInput } from '@longshore/contract';
import { createAdminClient, createApiClient, createClient, defineJob } from '@longshore/sdk';
import { z } from 'zod';
import { type OpenDoor, type Outcome, toOutcomes, type Verbs } from './door.ts';
import { type OrgKeys, openHttpDoor, orNull } from './idle-api.ts';
import type { DoorUrls } from './use-door.ts';

/** The SDK: the typed client for those who submit, and beneath its worker the client that carries the lease verbs. */
export const openSdkDoor = (database: DoorUrls): Promise<OpenDoor> => openHttpDoor(database, connectVerbs);

const connectVerbs = (url: string, keys: OrgKeys): Verbs => {
  const client = createClient({ url, apiKey: keys.submit });
  const { worker } = createApiClient({ url, apiKey: keys.worker });
  const { queues } = createAdminClient({ url, apiKey: keys.admin });
  return {
    submit: async ({ kind, payload, ...options }) => (await client.submit(anyJob(kind), payload, options)).id,
    submitMany: async (jobs) => (await client.submitMany(jobs.map(toRequest))).map(({ id }) => id),
    openSession: async (input) => (await worker.openSession(input)).sessionId,
    closeSession: async (sessionId) => (await worker.closeSession({ sessionId })).released,
    claim: async (sessionId, limit) =>
      (await orNull(worker.claim({ sessionId, limit }), 'SESSION_LOST'))?.jobs ?? [],
    heartbeat: (sessionId, held) => orNull(worker.heartbeat({ sessionId, held }), 'SESSION_LOST'),
    complete: (items) => outcomes(worker.complete({ items })),
    fail: (items) => outcomes(worker.fail({ items })),
    release: (items) => outcomes(worker.release({ items })),
    snooze: (items) => outcomes(worker.snooze({ items })),
    report: (items) => outcomes(worker.report({ items })),
    cancel: (ids, reason) =>
      Promise.all(
        ids.map((id) => position(client.cancel(id, reason === undefined ? {} : { reason }), id, client)),
      ),
    retry: (ids) => Promise.all(ids.map((id) => position(client.retry(id), id, client))),
    get: (id) => orNull(client.get(id), 'NOT_FOUND'),
    getByExternalId: (externalId) => orNull(client.getByExternalId(externalId), 'NOT_FOUND'),
    batchStatus: (batchId) => client.batchStatus(batchId),
    output: async (id) => (await client.output(id)).map(({ text }) => text),
    pauseQueue: (queue) => queues.pause(queue),
    resumeQueue: (queue) => queues.resume(queue),
  };
};

const anyJob = (kind: string) => defineJob({ kind, payload: z.any() });

const toRequest = ({ kind, payload, ...options }: SubmitInput) => anyJob(kind).request(payload, options);

const outcomes = async (call: Promise<{ answers: FinishAnswer[] }>): Promise<Outcome[]> =>
  toOutcomes((await call).answers);

/** The client's cancel and retry throw what the other doors answer, and leave the state to a look. */
const position = async (
  call: Promise<{ state: Outcome['state'] }>,
  id: string,
  client: ReturnType<typeof createClient>,
): Promise<Outcome> => {
  try {
    return { ok: true, state: (await call).state, code: null };
  } catch (error) {
    const { code } = error as { code: Outcome['code'] };
    return { ok: false, state: (await orNull(client.get(id), 'NOT_FOUND'))?.state ?? null, code };
  }
};
