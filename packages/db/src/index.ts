export { type Admin, createAdmin } from './admin.ts';
export { createKeyFormat, type KeyFormat, type KeyFormatOptions, type KeyHash } from './api-key.ts';
export { type Actor, databaseActor } from './audit.ts';
export {
  type AuditBreak,
  type AuditHead,
  type AuditReport,
  type VerifyAuditOptions,
  verifyAudit,
} from './audit-chain.ts';
export { type BetterAuthImport, type ImportedRow, importBetterAuthKeys } from './better-auth-import.ts';
export { advanceFloors, type FloorState, floorsOf, noFloors } from './claim-floors.ts';
export { type ConnectOptions, connect, type Database } from './connect.ts';
export { isLockTimeout, toLongshoreError } from './database-error.ts';
export {
  createDoctorReads,
  type DoctorReads,
  type HeldSnapshot,
  type UnservedRoute,
} from './doctor-reads.ts';
export { createDueReads, type DeadSession, type DueReads } from './due-reads.ts';
export { type FoundKey, findKeyByHash, type Principal, touchKeys } from './found-keys.ts';
export { createHistoryTrim, type DueTrim, type HistoryTrim } from './history-trim.ts';
export { createJobLifecycle } from './job-lifecycle.ts';
export type {
  ClaimFloor,
  ClaimRequest,
  Claims,
  CompletedItem,
  FloorReading,
  JobLifecycle,
  LifecycleEvents,
  NewJob,
  PackedClaim,
  SessionFilter,
} from './lifecycle-types.ts';
export { createListener, type Listener, type ListenerOptions } from './listener.ts';
export { type KeyFormatSettings, loadKeyFormat } from './load-key-format.ts';
export { createLogins, type Login, type LoginRole, type Logins, loginRoles, urlForLogin } from './logins.ts';
export { createMessages, type MessageAnswer, type Messages } from './messages.ts';
export { type MigrateOptions, migrate, missingMigrations, pendingMigrations } from './migrate.ts';
export { ownRelease, type Release } from './migration-files.ts';
export type { Notice } from './notices.ts';
export { createNotifier, type Notifier } from './notifier.ts';
export { systemOrgId } from './orgs.ts';
export {
  createPresence,
  type Presence,
  type SessionChange,
  type SessionPlace,
  type WorkerOfOrg,
} from './presence.ts';
export { type Draw, type Drawn, drawTokens } from './rate-buckets.ts';
export { createReads, type Reads } from './reads.ts';
export { findResumedSession, type ResumedSession } from './resumed-sessions.ts';
export { readRoleFaults } from './role-faults.ts';
export { createSessions, type Session, type Sessions } from './sessions.ts';
export type { JobPlace, WatchedJobRow } from './watch-reads.ts';
export { requireWritable } from './writability.ts';
