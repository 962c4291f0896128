import type { JobState } from '@longshore/contract';
import { eventually, type TestDatabase } from '@longshore/test-kit';
import { createActor } from '../races/actor.ts';
import { makeOrg, openSession } from '../races/use-arena.ts';

/** The functions in which the duties of the background look for work. */
export type DueFunction = 'due_jobs' | 'due_sessions' | 'due_time_outs' | 'due_unblocks';

/** A job that nobody moves on but one duty. */
export interface StuckJob {
  id: string;
  /** Where that duty brings it. */
  movesTo: JobState;
}

export interface StuckJobs {
  orgId: number;
  /** The session that fell silent with the job of `due_sessions`. */
  deadSessionId: string;
  jobs: Record<DueFunction, StuckJob>;
}

/** Makes an org with one job for each duty. */
export const makeStuckJobs = async (database: TestDatabase): Promise<StuckJobs> => {
  const { orgId, workerId } = await makeOrg(database);
  const actor = await createActor(await database.connect(), orgId);
  const open = () => openSession(database, { orgId, workerId });

  const deadSessionId = await open();
  const [orphan] = await actor.submit([{}]);
  await actor.claim(deadSessionId, 1);

  const session = await open();
  const [overdue] = await actor.submit([{ timeout_seconds: 0.001, max_attempts: 1 }]);
  await actor.claim(session, 1);

  // Completed by SQL, of which no process of the API hears.
  const [parent] = await actor.submit([{}]);
  const [child] = await actor.submit([{ depends_on: [parent!] }]);
  await actor.complete(await actor.claim(session, 1));

  const [due] = await actor.submit([{}], 'later');
  await database.query(
    `update longshore.jobs set state = 'scheduled', order_key = 0, run_at = longshore.now() where id = $1`,
    [due],
  );
  await database.query(
    "update longshore.worker_sessions set heartbeat_at = heartbeat_at - interval '1 hour' where id = $1",
    [deadSessionId],
  );
  return {
    orgId,
    deadSessionId,
    jobs: {
      due_jobs: { id: due!, movesTo: 'available' },
      due_sessions: { id: orphan!, movesTo: 'available' },
      due_time_outs: { id: overdue!, movesTo: 'failed' },
      due_unblocks: { id: child!, movesTo: 'available' },
    },
  };
};

export const readState = async (
  database: Pick<TestDatabase, 'query'>,
  id: string,
): Promise<JobState | undefined> => {
  const [row] = await database.query<{ state: JobState }>(
    'select state from longshore.all_jobs where id = $1',
    [id],
  );
  return row?.state;
};

/** Resolves once the job is where its duty brings it. */
export const untilMoved = async (
  database: Pick<TestDatabase, 'query'>,
  { id, movesTo }: StuckJob,
): Promise<void> => {
  await eventually(async () => (await readState(database, id)) === movesTo, {
    timeoutMs: 50_000,
    pollMs: 50,
  });
};
