export {
  type ApiKey,
  type Attributes,
  type AuditEntry,
  type AuditPage,
  type Backoff,
  type BatchStatus,
  type CancelWhereAnswer,
  type CancelWhereInput,
  type Capability,
  type CleanAnswer,
  type CleanQueueInput,
  type CreatedApiKey,
  type CreateKeyInput,
  type CreateKeyWithHashInput,
  type ErrorBody,
  type ErrorCode,
  type InboxInput,
  type InboxMessage,
  type InboxPage,
  type Job,
  type JobError,
  type JobEvent,
  type JobPage,
  type JobState,
  type JobWatchEvent,
  type JsonValue,
  type KeptJobs,
  type ListAuditInput,
  type ListJobsInput,
  LongshoreError,
  type MessageRecord,
  type MessageTarget,
  type ModelInfo,
  modelCapability,
  modelsOf,
  type Org,
  type OrgStats,
  type OutputLine,
  type OutputStream,
  type PickWorkerInput,
  type QueueCounts,
  type QueueRetention,
  type QueueStats,
  type RegisteredWorker,
  type RegisterWorkerInput,
  type RegisterWorkerWithHashInput,
  type RetainQueueInput,
  type Role,
  type RotatedApiKey,
  type RotateKeyInput,
  type SendMessagesInput,
  type SentMessage,
  type SessionInfo,
  type SessionState,
  type SubmitOptions,
  textOfOutput,
  type UpdateWorkerInput,
  type WatchedJob,
  type Worker as WorkerInfo,
  type WorkerLogLevel,
  type WorkersEvent,
  type WorkerWithHash,
} from '@longshore/contract';
export { type AdminClient, createAdminClient, type Identity } from './admin-client.ts';
export { type ApiClient, createApiClient } from './api-client.ts';
export { type Client, createClient, type HandlesOf, type JobPosition } from './client.ts';
export {
  defineJob,
  type Handle,
  type JobDefaults,
  type JobDefinition,
  type JobHandler,
  type JobRequest,
  type JobSpec,
  type JobTypes,
  type TypesOf,
} from './define-job.ts';
export type { JobContext, JobInfo } from './job-context.ts';
export { FatalError, ReleaseError, RetryAfterError, SnoozeError } from './job-errors.ts';
export type { JobHandle } from './job-handle.ts';
export { type MessageContext, type MessageHandler, type MessageSpec, message } from './messages/message.ts';
export type { MessageHandlers } from './messages/perform-message.ts';
export type { Reply, RequestOptions } from './messages/request-workers.ts';
export { model } from './model.ts';
export type { TypedJob } from './read-job.ts';
export type { StandardSchemaV1 } from './standard-schema.ts';
export type { JobEventStream, TypedJobWatchEvent } from './streams/job-events.ts';
export type { SubscribeOptions } from './streams/subscribe.ts';
export {
  type KyselyTransaction,
  type PgTransaction,
  type SqlTransaction,
  type SubmitInOptions,
  submitIn,
} from './submit-in.ts';
export type { Connection } from './transport.ts';
export type { WaitOptions } from './wait-for-job.ts';
export { createWorker, type Worker, type WorkerOptions } from './worker.ts';
export type { WorkerActivity, WorkerEvents } from './worker-events.ts';
