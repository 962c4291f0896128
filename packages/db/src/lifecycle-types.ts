import type {
  CancelWhereAnswer,
  CancelWhereInput,
  CompleteItem,
  FailItem,
  FinishAnswer,
  HeartbeatAnswer,
  HeartbeatInput,
  ItemAnswer,
  ReleaseItem,
  ReportItem,
  SnoozeItem,
  SubmitAnswer,
  SubmitInput,
} from '@longshore/contract';
import type { Actor } from './audit.ts';

/** What a session may serve: what it announced, narrowed by its worker's policy; null queues means every queue. */
export interface SessionFilter {
  kinds: string[];
  capabilities: string[];
  queues: string[] | null;
  /** Jobs of these priorities only, both ends included. */
  priorityMin: number;
  priorityMax: number;
}

/** An order key (a bigint as text) below which nothing waits on the route. */
export interface ClaimFloor {
  routeId: number;
  floor: string;
}

/** One look for the claim floors; see migrations/functions/claim_floors.sql. xmin and xmax are transaction ids as text. */
export interface FloorReading {
  xmin: string;
  xmax: string;
  lanes: { routeId: number; firstKey: string }[];
}

export interface ClaimRequest {
  filter: SessionFilter;
  /** The worker whose sessions the seats are, when it has limits that a claim must count; null when it has none. */
  limitedWorkerId: string | null;
  /** Served in this order, `limit` jobs at most each. */
  seats: { sessionId: string; limit: number }[];
  floors: ClaimFloor[];
}

/** A claimed job as it is handed out. */
export interface PackedClaim {
  id: string;
  leaseToken: string;
  /** A ClaimedJob in JSON. */
  text: string;
}

export interface Claims {
  bySession: Map<string, PackedClaim[]>;
  /** For each route that jobs came from, the order key behind the last of them. */
  reached: ClaimFloor[];
}

/** A job to submit. isRepeat (default: when it brings an id) says that its id may have been submitted before. */
export type NewJob = SubmitInput & {
  isRepeat?: boolean;
  /** The JSON of the payload, when it is known already. */
  payloadText?: string | undefined;
};

export type CompletedItem = CompleteItem & {
  /** The JSON of the result, when it is known already. */
  resultText?: string | undefined;
};

/** Every change of a job's state. All throw LongshoreError; answers come in the order of the items. */
export interface JobLifecycle {
  /** With isAtomic the first item that cannot be stored throws and nothing is stored. */
  submit(
    orgId: number,
    jobs: NewJob[],
    options: { isAtomic: boolean; createdBy: string | null },
  ): Promise<ItemAnswer<SubmitAnswer>[]>;
  /** Both at once, for jobs that somebody waits for. Undefined, and nothing done, when they are not all new and without options. */
  submitAndClaim(
    orgId: number,
    jobs: NewJob[],
    options: { createdBy: string | null },
    request: ClaimRequest,
  ): Promise<{ answers: ItemAnswer<SubmitAnswer>[]; claims: Claims } | undefined>;
  /** By session; those that got nothing, have ended, or may by now be given other jobs than this filter's, have no entry. */
  claim(orgId: number, request: ClaimRequest): Promise<Claims>;
  claimFloors(orgId: number, filter: SessionFilter, floors: ClaimFloor[]): Promise<FloorReading>;
  /** null for a session that is unknown or has ended. */
  heartbeat(orgId: number, sessions: HeartbeatInput[]): Promise<(HeartbeatAnswer | null)[]>;
  complete(orgId: number, items: CompletedItem[]): Promise<FinishAnswer[]>;
  fail(orgId: number, items: FailItem[]): Promise<FinishAnswer[]>;
  release(orgId: number, items: ReleaseItem[]): Promise<FinishAnswer[]>;
  snooze(orgId: number, items: SnoozeItem[]): Promise<FinishAnswer[]>;
  report(orgId: number, items: ReportItem[]): Promise<FinishAnswer[]>;
  cancel(
    orgId: number,
    ids: string[],
    options: { actor: Actor; reason: string | null },
  ): Promise<FinishAnswer[]>;
  /**
   * Cancels all live jobs that fit a filter and were there when it began, a thousand a step: each step is a transaction of its own,
   * the first of which writes the one row of the audit log. `cancelledIds` of each step go to `onStep`.
   */
  cancelWhere(
    orgId: number,
    filter: Omit<CancelWhereInput, 'reason'>,
    options: { actor: Actor; reason: string | null; onStep?: (cancelledIds: string[]) => void },
  ): Promise<CancelWhereAnswer>;
  retry(orgId: number, ids: string[], options: { actor: Actor }): Promise<FinishAnswer[]>;
  /** Jobs taken back from those of the sessions whose lease has run out. */
  rescue(orgId: number, sessionIds: string[]): Promise<number>;
  /** Attempts ended because their timeout, or the grace after a cancel, has passed. */
  timeOut(orgId: number): Promise<number>;
  /** Scheduled jobs among `jobIds` whose time has come, made available. */
  promote(orgId: number, jobIds: string[]): Promise<number>;
  /** Blocked jobs whose parents have finished, let go or cancelled. */
  unblock(orgId: number): Promise<number>;
  ensurePartitions(): Promise<void>;
  prune(options: { keepDays: number }): Promise<{ partitionsDropped: number; rowsDeleted: number }>;
}

export interface LifecycleEvents {
  /** A finish that other jobs wait for has committed: run `unblock` for the org. */
  onDependants?: (orgId: number) => void;
  /** Jobs of the org have become available by another way than submit. */
  onAvailable?: (orgId: number) => void;
  /** These sessions have lost jobs, or are asked to stop some: their next heartbeat tells, and should come soon. */
  onNews?: (sessionIds: string[]) => void;
}

export interface LifecycleOptions extends LifecycleEvents {
  /** How much of an attempt's error is kept. Default 64 KiB. */
  errorBytesMax?: number;
  /** How long a running job has to stop once somebody asked to cancel it. Default 30. */
  cancelGraceSeconds?: number;
  /** How much of a line of output is kept. Default 16 KiB. */
  outputLineBytesMax?: number;
}
