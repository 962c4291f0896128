import type { Door } from '../../model/door.ts';
import * as model from '../../model/verbs.ts';
import type { World } from '../../model/world.ts';
import type { Cast } from './scene.ts';

/** Something that may happen to a job, in the model and in the database. Both answer in the same words. */
export interface RaceVerb {
  /** The SQL functions that it stands for. */
  functions: string[];
  expect(world: World, cast: Cast): unknown;
  call(door: Door, cast: Cast): Promise<unknown>;
  /** Of a verb that passes over what somebody else holds locked: what does the rest of its work later. */
  catchUp?(door: Door, cast: Cast): Promise<unknown>;
}

const forGood = { isRetryable: false, delaySeconds: 0 };
const forLater = { isRetryable: true, delaySeconds: 60 };

/** Skips, and does its work at the next call. */
const patient = (verb: RaceVerb): RaceVerb => ({ ...verb, catchUp: verb.call });

/** Skips, and leaves the rest to the rescue of the sessions that it ended. */
const leavingRest = (verb: RaceVerb): RaceVerb => ({
  ...verb,
  catchUp: (door, { holder }) => door.rescue([holder]),
});

/** All verbs that change the state of a job that is there. A verb that is missing here fails the test. */
export const raceVerbs: Record<string, RaceVerb> = {
  'submit again': {
    functions: ['submit_jobs', 'insert_jobs'],
    expect: (world, { job }) => model.submit(world, [{ id: job, isRepeat: true }]),
    call: (door, { job }) => door.submit([{ id: job, isRepeat: true }]),
  },
  claim: patient({
    functions: ['claim_jobs'],
    expect: (world, { other }) => model.claim(world, [other], 1),
    call: (door, { other }) => door.claim([other], 1),
  }),
  complete: {
    functions: ['complete_jobs'],
    expect: (world, { lease }) => model.complete(world, [lease]),
    call: (door, { lease }) => door.complete([lease]),
  },
  'fail for later': {
    functions: ['fail_jobs'],
    expect: (world, { lease }) => model.fail(world, [lease], forLater),
    call: (door, { lease }) => door.fail([lease], forLater),
  },
  'fail for good': {
    functions: ['fail_jobs'],
    expect: (world, { lease }) => model.fail(world, [lease], forGood),
    call: (door, { lease }) => door.fail([lease], forGood),
  },
  release: {
    functions: ['release_jobs'],
    expect: (world, { lease }) => model.release(world, [lease]),
    call: (door, { lease }) => door.release([lease]),
  },
  snooze: {
    functions: ['snooze_jobs'],
    expect: (world, { lease }) => model.snooze(world, [lease], 60),
    call: (door, { lease }) => door.snooze([lease], 60),
  },
  report: {
    functions: ['report_progress'],
    expect: (world, { lease }) => model.report(world, [lease]),
    call: (door, { lease }) => door.report([lease]),
  },
  'heartbeat with the job': patient({
    functions: ['heartbeat_sessions'],
    expect: (world, { holder, lease }) => model.heartbeat(world, holder, [lease]),
    call: (door, { holder, lease }) => door.heartbeat(holder, [lease]),
  }),
  'heartbeat without it': patient({
    functions: ['heartbeat_sessions'],
    expect: (world, { holder }) => model.heartbeat(world, holder, []),
    call: (door, { holder }) => door.heartbeat(holder, []),
  }),
  cancel: {
    // A message that cancels jobs of a session does so by the same verb.
    functions: ['cancel_jobs', 'send_messages'],
    expect: (world, { job }) => model.cancel(world, [job]),
    call: (door, { job }) => door.cancel([job]),
  },
  retry: {
    functions: ['retry_jobs'],
    expect: (world, { job }) => model.retry(world, [job]),
    call: (door, { job }) => door.retry([job]),
  },
  rescue: patient({
    functions: ['rescue_jobs'],
    expect: (world, { holder }) => model.rescue(world, [holder]),
    call: (door, { holder }) => door.rescue([holder]),
  }),
  'time out': patient({
    functions: ['time_out_jobs'],
    expect: (world) => model.timeOut(world),
    call: (door) => door.timeOut(),
  }),
  promote: patient({
    functions: ['promote_jobs'],
    expect: (world, { job }) => model.promote(world, [job]),
    call: (door, { job }) => door.promote([job]),
  }),
  unblock: patient({
    functions: ['unblock_jobs'],
    expect: (world) => model.unblockAll(world),
    call: (door) => door.unblockAll(),
  }),
  'close the session': leavingRest({
    functions: ['close_session'],
    expect: (world, { holder }) => model.closeSession(world, holder),
    call: (door, { holder }) => door.closeSession(holder),
  }),
  'revoke the worker': leavingRest({
    functions: ['revoke_worker', 'revoke_org_workers', 'revoke_key'],
    expect: (world, { holderWorker }) => model.revokeWorker(world, holderWorker),
    call: (door, { holderWorker }) => door.revokeWorker(holderWorker),
  }),
  'complete the parent': {
    functions: ['complete_jobs'],
    expect: (world, { parentLease }) => model.complete(world, [parentLease]),
    call: (door, { parentLease }) => door.complete([parentLease]),
  },
  'fail the parent': {
    functions: ['fail_jobs'],
    expect: (world, { parentLease }) => model.fail(world, [parentLease], forGood),
    call: (door, { parentLease }) => door.fail([parentLease], forGood),
  },
};
