export {
  type Attributes,
  type AuditEntry,
  type AuditPage,
  type Backoff,
  type BatchStatus,
  type CancelWhereAnswer,
  type CancelWhereInput,
  type Capability,
  type CleanAnswer,
  type ErrorBody,
  type ErrorCode,
  type InboxMessage,
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
  modelsOf,
  type OrgStats,
  type OutputLine,
  type OutputStream,
  type PickWorkerInput,
  type QueueCounts,
  type QueueRetention,
  type QueueStats,
  type SendMessagesInput,
  type SentMessage,
  type SessionInfo,
  type SessionState,
  type SubmitOptions,
  textOfOutput,
  type WatchedJob,
  type WorkerLogLevel,
  type WorkersEvent,
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
