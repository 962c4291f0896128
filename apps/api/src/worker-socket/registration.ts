import {
  capabilityOfModel,
  categoryLimits,
  jobId,
  jsonObject,
  limits,
  modelInfo,
  type OpenSessionInput,
  openSessionInput,
  storedBytesOf,
  text,
} from '@longshore/contract';
import { z } from 'zod';

const name = text(limits.nameCharsMax);

/** What a worker that names no kinds is given: the protocol's own name for work. */
export const kindDefault = 'work_request';

export const workerCapabilities = z.strictObject({
  models: z.array(modelInfo).max(limits.capabilitiesMax),
  maxConcurrentRequests: z.int().min(1).max(limits.heldJobsMax),
  metadata: jsonObject
    .refine((metadata) => storedBytesOf(metadata) <= limits.metadataBytesMax, 'is too large')
    .optional(),
  concurrencyLimits: categoryLimits.optional(),
});
export type WorkerCapabilities = z.infer<typeof workerCapabilities>;

/** The first message of a connection. What is ours beside the protocol's own fields is optional. */
export const workerRegistration = z.strictObject({
  type: z.literal('worker_registration'),
  workerId: name,
  workerName: name.optional(),
  capabilities: workerCapabilities,
  /** A key of role worker, where it does not come with the upgrade. */
  authToken: z.string().max(1_024).optional(),
  kinds: openSessionInput.shape.kinds.optional(),
  queues: openSessionInput.shape.queues,
  leaseSeconds: openSessionInput.shape.leaseSeconds,
  version: openSessionInput.shape.version,
  /** The session of an earlier connection, to be gone on with. */
  sessionId: z.uuid().toLowerCase().optional(),
  /** What of that session's jobs the worker still works on. The rest goes back. */
  heldRequests: z.array(jobId).max(limits.heldJobsMax).optional(),
});
export type WorkerRegistration = z.infer<typeof workerRegistration>;

/** What the worker says of itself, as the engine takes it. */
export const toOpenSession = (registration: WorkerRegistration): OpenSessionInput => {
  const {
    capabilities,
    kinds = [kindDefault],
    workerId,
    workerName,
    queues,
    leaseSeconds,
    version,
  } = registration;
  const { models, maxConcurrentRequests, concurrencyLimits } = capabilities;
  return {
    kinds,
    capabilities: models.map(capabilityOfModel),
    concurrency: maxConcurrentRequests,
    host: workerName ?? workerId,
    ...(concurrencyLimits && { concurrencyLimits }),
    ...(queues && { queues }),
    ...(leaseSeconds !== undefined && { leaseSeconds }),
    ...(version !== undefined && { version }),
  };
};
