import { randomUUID } from 'node:crypto';
import type { JsonValue, OpenSessionInput, SubmitInput } from '@longshore/contract';
import { payloadCanary } from '@longshore/test-kit';
import { expect } from 'vitest';
import type { Claimed, Door, JobView, Verbs } from './doors/door.ts';

export interface Scene {
  kind: string;
  submit(options?: Omit<Partial<SubmitInput>, 'kind'>): Promise<string>;
  /** An open session for this kind, with an hour's lease unless told otherwise. */
  openSession(input?: Partial<OpenSessionInput>): Promise<string>;
  claim(sessionId: string, limit?: number): Promise<Claimed[]>;
  /** The one job that waits, claimed by a session of its own. */
  claimOne(): Promise<Claimed>;
  /** Submits a job and claims it. */
  run(options?: Omit<Partial<SubmitInput>, 'kind'>): Promise<Claimed>;
  job(id: string): Promise<JobView>;
}

/** Jobs and sessions of a kind of their own, so that tests on one database do not meet. */
export const scene = (door: Door, verbs: Verbs = door.mine): Scene => {
  const kind = `kind-${randomUUID()}`;
  const payload: JsonValue = { note: payloadCanary };

  const submit: Scene['submit'] = (options = {}) => verbs.submit({ kind, payload, ...options });
  const openSession: Scene['openSession'] = (input = {}) =>
    verbs.openSession({ kinds: [kind], leaseSeconds: 3_600, ...input });
  const claim: Scene['claim'] = (sessionId, limit = 10) => verbs.claim(sessionId, limit);
  const claimOne = async (): Promise<Claimed> => {
    const jobs = await claim(await openSession());
    expect(jobs).toHaveLength(1);
    return jobs[0]!;
  };

  return {
    kind,
    submit,
    openSession,
    claim,
    claimOne,
    run: async (options) => {
      await submit(options);
      return claimOne();
    },
    job: async (id) => {
      const job = await verbs.get(id);
      if (!job) throw new Error(`There is no job ${id}.`);
      return job;
    },
  };
};

/** Proof of a lease. */
export const lease = ({ id, leaseToken }: Claimed) => ({ id, leaseToken });

/** Lets time pass, and what falls due be done. */
export const pass = async (door: Door, seconds: number): Promise<void> => {
  await door.clock.advance(seconds);
  await door.runDuties();
};
