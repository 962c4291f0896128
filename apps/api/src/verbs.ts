import { setImmediate } from 'node:timers/promises';
import {
  type FailItem,
  type FinishAnswer,
  type HeartbeatAnswer,
  type HeartbeatInput,
  type ItemAnswer,
  isFinal,
  type JobState,
  LongshoreError,
  limits,
  type ReleaseItem,
  type ReportItem,
  type SnoozeItem,
  type SubmitAnswer,
} from '@longshore/contract';
import type { CompletedItem, JobLifecycle, NewJob } from '@longshore/db';
import type { ClaimDesk } from './claim-desk.ts';
import { createKeyedGatherer, type GathererOptions } from './gatherer.ts';

export interface VerbsOptions {
  lifecycle: JobLifecycle;
  /** See ClaimDesk: lets somebody who waits for the job claim by `run`. */
  claimBy: ClaimDesk['claimBy'];
  /** A submit of this org made jobs available; what the other verbs make available, the lifecycle tells by itself. */
  wake(orgId: number): void;
  /** These jobs are final now, or changed in another way. */
  noteFinished(orgId: number, jobIds: string[]): void;
  noteChanged(orgId: number, jobIds: string[]): void;
  /** Jobs wait for their time now. */
  noteScheduled(): void;
  /** Runs of one verb and org side by side at most. Default 2. */
  inFlightMax?: number;
}

/** Who submits: jobs remember the key they came by. */
export interface Submitter {
  orgId: number;
  keyId: string;
}

/** The lifecycle verbs as the API calls them: gathered by org, and whoever waits for their effect is told. */
export interface Verbs {
  submitEach(by: Submitter, jobs: NewJob[]): Promise<ItemAnswer<SubmitAnswer>[]>;
  /** All or nothing. Throws the error of the first bad job. */
  submitMany(by: Submitter, jobs: NewJob[]): Promise<SubmitAnswer[]>;
  /** Null for a session that is not open. */
  heartbeat(orgId: number, sessions: HeartbeatInput[]): Promise<(HeartbeatAnswer | null)[]>;
  complete(orgId: number, items: CompletedItem[]): Promise<FinishAnswer[]>;
  fail(orgId: number, items: FailItem[]): Promise<FinishAnswer[]>;
  release(orgId: number, items: ReleaseItem[]): Promise<FinishAnswer[]>;
  snooze(orgId: number, items: SnoozeItem[]): Promise<FinishAnswer[]>;
  report(orgId: number, items: ReportItem[]): Promise<FinishAnswer[]>;
  cancel: JobLifecycle['cancel'];
  cancelWhere: JobLifecycle['cancelWhere'];
  retry: JobLifecycle['retry'];
}

export const createVerbs = ({
  lifecycle,
  claimBy,
  wake,
  noteFinished,
  noteChanged,
  noteScheduled,
  inFlightMax = 2,
}: VerbsOptions): Verbs => {
  const gathering: GathererOptions = { itemsMax: limits.batchJobsMax, inFlightMax };

  /** Hands the jobs straight to somebody who waits. Undefined, and nothing is stored, when that cannot be done. */
  const handOver = ({ orgId, keyId }: Submitter, jobs: NewJob[]) =>
    new Promise<ItemAnswer<SubmitAnswer>[] | undefined>((resolve, reject) => {
      const isTaken = claimBy(orgId, jobs[0]!, async (_, request) => {
        const done = await lifecycle
          .submitAndClaim(orgId, jobs, { createdBy: keyId }, request)
          .catch((error) => void reject(error));
        // Whoever got the jobs is answered first: his is the longer way.
        void setImmediate().then(() => resolve(done?.answers));
        if (!done) return { bySession: new Map(), reached: [] };
        const claimed = new Set([...done.claims.bySession.values()].flat().map(({ id }) => id));
        if (!done.answers.every(({ id }) => claimed.has(id))) wake(orgId);
        return done.claims;
      });
      if (!isTaken) resolve(undefined);
    });

  const submit = async (by: Submitter, jobs: NewJob[], isAtomic: boolean) => {
    const { orgId, keyId } = by;
    const handedOver = await handOver(by, jobs);
    if (handedOver) return handedOver;
    const answers = await lifecycle.submit(orgId, jobs, { isAtomic, createdBy: keyId });
    if (hasState(answers, 'scheduled')) noteScheduled();
    if (hasState(answers, 'available')) {
      wake(orgId);
      // Lets the claim of a waiting worker be sent before the submitter's answer is written: it is the longer way.
      await setImmediate();
    }
    return answers;
  };
  const submitGathered = createKeyedGatherer(
    (submitter: string, jobs: NewJob[]) => submit(readSubmitter(submitter), jobs, false),
    gathering,
  );
  const told = (orgId: number, answers: FinishAnswer[]): FinishAnswer[] => {
    if (hasState(answers, 'scheduled')) noteScheduled();
    const done = answers.filter((answer) => answer.ok);
    const finished = done.filter(({ state }) => isFinal(state));
    if (finished.length > 0) noteFinished(orgId, finished.map(idOf));
    if (finished.length < done.length) noteChanged(orgId, done.map(idOf));
    return answers;
  };
  const finishGathered = <Item>(finish: (orgId: number, items: Item[]) => Promise<FinishAnswer[]>) =>
    createKeyedGatherer(
      async (orgId: number, items: Item[]) => told(orgId, await finish(orgId, items)),
      gathering,
    );

  return {
    submitEach: (by, jobs) => submitGathered(writeSubmitter(by), jobs),
    submitMany: async (by, jobs) => (await submit(by, jobs, true)).map(unwrapAnswer),
    heartbeat: createKeyedGatherer(lifecycle.heartbeat, gathering),
    complete: finishGathered(lifecycle.complete),
    fail: finishGathered(lifecycle.fail),
    release: finishGathered(lifecycle.release),
    snooze: finishGathered(lifecycle.snooze),
    report: finishGathered(lifecycle.report),
    cancel: async (orgId, ids, options) => told(orgId, await lifecycle.cancel(orgId, ids, options)),
    cancelWhere: (orgId, filter, options) =>
      lifecycle.cancelWhere(orgId, filter, { ...options, onStep: (ids) => noteFinished(orgId, ids) }),
    retry: async (orgId, ids, options) => told(orgId, await lifecycle.retry(orgId, ids, options)),
  };
};

const idOf = ({ id }: { id: string }): string => id;

const hasState = (answers: readonly (FinishAnswer | ItemAnswer<SubmitAnswer>)[], state: JobState): boolean =>
  answers.some((answer) => answer.ok && answer.state === state);

/** The answer of a batch of one. Throws its error. */
export const unwrapAnswer = <Answer>(answer: ItemAnswer<Answer>): Answer => {
  if (!answer.ok) throw LongshoreError.fromBody(answer.error);
  const { ok: _, ...rest } = answer;
  return rest as Answer;
};

const writeSubmitter = ({ orgId, keyId }: Submitter): string => `${orgId} ${keyId}`;

const readSubmitter = (text: string): Submitter => {
  const [orgId, keyId] = text.split(' ');
  return { orgId: Number(orgId), keyId: keyId! };
};
