import { LongshoreError, type SubmitInput, submitManyInput } from '@longshore/contract';
import {
  connect,
  createAdmin,
  createJobLifecycle,
  createReads,
  createSessions,
  type Database,
  databaseActor,
} from '@longshore/db';
import { myOrg, type OpenDoor, theirOrg, toOutcomes, type Verbs } from './door.ts';
import { doDueWork } from './due-work.ts';
import type { DoorUrls } from './use-door.ts';

/** packages/db, called as the API calls it: with jobs that the contract's schemas have checked. */
export const openDbDoor = async ({ apiUrl }: DoorUrls): Promise<OpenDoor> => {
  const db = connect({ url: apiUrl, poolSize: 4 });
  return {
    mine: await speakFor(db, myOrg),
    theirs: await speakFor(db, theirOrg),
    runDuties: () => doDueWork(db),
    close: () => db.close(),
  };
};

const speakFor = async (db: Database, slug: string): Promise<Verbs> => {
  const admin = createAdmin(db);
  const [lifecycle, reads, sessions] = [createJobLifecycle(db), createReads(db), createSessions(db)];
  await admin.createOrg(slug);
  const orgId = await admin.orgIdOf(slug);
  const worker = await admin.registerWorker(orgId, { name: 'db worker' });

  const submitAll = async (jobs: SubmitInput[]): Promise<string[]> => {
    const answers = await lifecycle.submit(orgId, checked(jobs), {
      isAtomic: true,
      createdBy: 'db door',
    });
    return answers.map(({ id }) => id);
  };

  return {
    submit: async (job) => (await submitAll([job]))[0]!,
    submitMany: submitAll,
    openSession: async (input) => (await sessions.open(orgId, worker.id, input)).sessionId,
    closeSession: (sessionId) => sessions.close(orgId, worker.id, sessionId),
    claim: async (sessionId, limit) => {
      const session = await sessions.find(orgId, sessionId);
      if (!session) return [];
      const { filter, isLimited, workerId } = session;
      const seats = [{ sessionId, limit }];
      const request = { filter, limitedWorkerId: isLimited ? workerId : null, seats, floors: [] };
      return (
        (await lifecycle.claim(orgId, request)).bySession
          .get(sessionId)
          ?.map(({ text }) => JSON.parse(text)) ?? []
      );
    },
    heartbeat: async (sessionId, held) =>
      (await lifecycle.heartbeat(orgId, [{ sessionId, held }]))[0] ?? null,
    complete: async (items) => toOutcomes(await lifecycle.complete(orgId, items)),
    fail: async (items) => toOutcomes(await lifecycle.fail(orgId, items)),
    release: async (items) => toOutcomes(await lifecycle.release(orgId, items)),
    snooze: async (items) => toOutcomes(await lifecycle.snooze(orgId, items)),
    report: async (items) => toOutcomes(await lifecycle.report(orgId, items)),
    cancel: async (ids, reason) =>
      toOutcomes(await lifecycle.cancel(orgId, ids, { actor: databaseActor, reason: reason ?? null })),
    retry: async (ids) => toOutcomes(await lifecycle.retry(orgId, ids, { actor: databaseActor })),
    get: (id) => reads.getJob(orgId, id),
    getByExternalId: (externalId) => reads.getJobByExternalId(orgId, externalId),
    batchStatus: (batchId) => reads.batchStatus(orgId, batchId),
    output: async (id) => (await reads.output(orgId, { id })).map(({ text }) => text),
    pauseQueue: (queue) => admin.pauseQueue(orgId, queue),
    resumeQueue: (queue) => admin.resumeQueue(orgId, queue),
  };
};

/** The contract's check, which stands before packages/db on every way to it. */
const checked = (jobs: SubmitInput[]): SubmitInput[] => {
  const parsed = submitManyInput.safeParse({ jobs });
  if (parsed.success) return parsed.data.jobs;
  const { code, message, ...issue } = parsed.error.issues[0]!;
  const [, , ...field] = [...issue.path, ...('keys' in issue ? [issue.keys[0]!] : [])];
  throw new LongshoreError(code === 'unrecognized_keys' ? 'UNKNOWN_OPTION' : 'INVALID_INPUT', message, {
    field: field.join('.'),
  });
};
