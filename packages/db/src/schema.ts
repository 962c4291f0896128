import type {
  FinishedJobs,
  JobDependencies,
  JobEvents,
  JobOutput,
  Jobs,
  JobView,
  QueueRetention,
  Queues,
  Routes,
} from './schema-jobs.ts';
import type { SessionClaims, WorkerHealth, WorkerMessages, WorkerSessions } from './schema-sessions.ts';
import type { ApiKeys, AuditHeads, AuditLog, OrgLogins, Orgs, Workers } from './schema-tenants.ts';

/** The tables and views that kysely reads; see migrations/ for what the columns mean. */
export interface Schema {
  'longshore.orgs': Orgs;
  'longshore.workers': Workers;
  'longshore.api_keys': ApiKeys;
  'longshore.org_logins': OrgLogins;
  'longshore.audit_log': AuditLog;
  'longshore.audit_heads': AuditHeads;
  'longshore.worker_sessions': WorkerSessions;
  'longshore.worker_messages': WorkerMessages;
  'longshore.session_claims': SessionClaims;
  'longshore.routes': Routes;
  'longshore.queues': Queues;
  'longshore.queue_retention': QueueRetention;
  'longshore.jobs': Jobs;
  'longshore.finished_jobs': FinishedJobs;
  'longshore.job_dependencies': JobDependencies;
  'longshore.job_output': JobOutput;
  'longshore.live_jobs': JobView;
  'longshore.job_history': JobView;
  'longshore.all_jobs': JobView;
  'longshore.job_events': JobEvents;
  'longshore.worker_health': WorkerHealth;
}
