import type {
  BatchStatus,
  ClaimedJob,
  CompleteItem,
  ErrorCode,
  FailItem,
  FinishAnswer,
  HeartbeatAnswer,
  HeartbeatInput,
  JobError,
  JobState,
  JsonValue,
  OpenSessionInput,
  ReleaseItem,
  ReportItem,
  SnoozeItem,
  SubmitInput,
} from '@longshore/contract';
import type { SteeredClock, TestDatabase } from '@longshore/test-kit';

export type Claimed = Pick<
  ClaimedJob,
  | 'id'
  | 'kind'
  | 'queue'
  | 'priority'
  | 'category'
  | 'payload'
  | 'attempt'
  | 'fencingToken'
  | 'leaseToken'
  | 'tags'
>;

/** What became of one item of a verb. `code` says why it was refused. */
export interface Outcome {
  ok: boolean;
  state: JobState | null;
  code: ErrorCode | null;
}

/** What every door can tell of a job. */
export interface JobView {
  id: string;
  kind: string;
  queue: string;
  priority: number;
  category: string | null;
  state: JobState;
  payload: JsonValue;
  attempt: number;
  maxAttempts: number;
  rescues: number;
  externalId: string | null;
  metadata: { [key: string]: JsonValue } | null;
  tags: string[];
  batchId: string | null;
  runAt: string;
  attempts: { attempt: number; outcome: string; endedAt: string }[];
  result?: JsonValue;
  progress?: JsonValue;
  error?: JobError;
  reason?: string | null;
}

/** The verbs as one org calls them. Refused calls throw a LongshoreError; refused items have their Outcome. */
export interface Verbs {
  /** Answers the id of the job that stands for this submit. */
  submit(job: SubmitInput): Promise<string>;
  /** All or none. */
  submitMany(jobs: SubmitInput[]): Promise<string[]>;
  openSession(input: OpenSessionInput): Promise<string>;
  /** Answers how many jobs went back. */
  closeSession(sessionId: string): Promise<number>;
  /** None for a session that is not open. */
  claim(sessionId: string, limit: number): Promise<Claimed[]>;
  /** null for a session that is not open. */
  heartbeat(sessionId: string, held: HeartbeatInput['held']): Promise<HeartbeatAnswer | null>;
  complete(items: CompleteItem[]): Promise<Outcome[]>;
  fail(items: FailItem[]): Promise<Outcome[]>;
  release(items: ReleaseItem[]): Promise<Outcome[]>;
  snooze(items: SnoozeItem[]): Promise<Outcome[]>;
  report(items: ReportItem[]): Promise<Outcome[]>;
  cancel(ids: string[], reason?: string): Promise<Outcome[]>;
  retry(ids: string[]): Promise<Outcome[]>;
  get(id: string): Promise<JobView | null>;
  getByExternalId(externalId: string): Promise<JobView | null>;
  batchStatus(batchId: string): Promise<BatchStatus>;
  output(id: string): Promise<string[]>;
  pauseQueue(queue: string): Promise<void>;
  resumeQueue(queue: string): Promise<void>;
}

/** One way to the verbs, for two orgs on one database. */
export interface OpenDoor {
  mine: Verbs;
  theirs: Verbs;
  /** Does once what the processes behind this door do in the background: rescue, time out, unblock, promote. */
  runDuties(): Promise<void>;
  close(): Promise<void>;
}

/** A door with the clock and the database behind it in the test's hands. */
export interface Door extends Pick<OpenDoor, 'mine' | 'theirs' | 'runDuties'> {
  clock: SteeredClock;
  /** Looks at, or sets up, what no verb can. */
  query: TestDatabase['query'];
}

export const myOrg = 'my-org';
export const theirOrg = 'their-org';

/** The contract's answers as outcomes. */
export const toOutcomes = (answers: FinishAnswer[]): Outcome[] =>
  answers.map((answer) => ({
    ok: answer.ok,
    state: answer.state,
    code: answer.ok ? null : answer.error.code,
  }));
