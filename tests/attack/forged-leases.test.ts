import { randomUUID } from 'node:crypto';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, act, ask, openApp } from '../surface/open-app.ts';
import { makeOrgs, type OrgKeys } from '../surface/org-keys.ts';
import { digestRows } from '../surface/org-rows.ts';
import { countChanged, note } from './note.ts';

const database = useDatabase();
let opened: Awaited<ReturnType<typeof openApp>>;

beforeAll(async () => {
  opened = await openApp(database.apiUrl);
});
afterAll(() => opened?.close());

interface Lease {
  id: string;
  leaseToken: string;
}

/** What each verb that proves a lease takes beside it. */
const verbs = {
  complete: { result: 'forged' },
  fail: { error: { message: 'forged' }, isRetryable: false },
  release: {},
  snooze: { delaySeconds: 60 },
  report: { progress: 'forged', output: [{ stream: 'log', text: 'forged' }] },
};
const forgeries = 10_000;
const batch = 1_000;

test('B-66: of 10,000 forged lease tokens none is accepted, by any verb, from within or from another org', {
  timeout: 120_000,
}, async ({ task }) => {
  const { app } = opened;
  const [org, other] = (await makeOrgs(database.url, 2)) as [OrgKeys, OrgKeys];
  const leases = await runJobs(app, org, 40);
  const sessions = { [org.orgId]: await openSession(app, org), [other.orgId]: await openSession(app, other) };
  const forged = forge(leases);
  expect(forged).toHaveLength(forgeries);
  const before = await digestRows(database, org.orgId);

  let accepted = 0;
  let cases = 0;
  for (const caller of [org, other]) {
    for (let start = 0; start < forgeries; start += batch) {
      const items = forged.slice(start, start + batch);
      for (const [verb, rest] of Object.entries(verbs)) {
        accepted += await countAccepted(
          app,
          caller,
          verb,
          items.map((item) => ({ ...item, ...rest })),
        );
        cases += items.length;
      }
      const sessionId = sessions[caller.orgId]!;
      const { lost, cancel } = await act<{ lost: Lease[]; cancel: unknown[] }>(
        app,
        'worker.heartbeat',
        caller.keys.worker,
        { sessionId, held: items },
      );
      accepted += items.length - lost.length + cancel.length;
      cases += items.length;
    }
  }

  const after = await digestRows(database, org.orgId);
  const writes = countChanged({ ...before, worker_sessions: '' }, { ...after, worker_sessions: '' });
  note(task, { suite: 'forged lease tokens', functions: 6, principals: 2, cases, leaks: accepted, writes });
  expect(accepted).toBe(0);
  expect({ ...after, worker_sessions: '' }).toEqual({ ...before, worker_sessions: '' });
  expect(await countAccepted(app, org, 'complete', leases)).toBe(leases.length);
});

const countAccepted = async (app: App, { keys }: OrgKeys, verb: string, items: object[]): Promise<number> => {
  const procedure = { name: `worker.${verb}`, type: 'mutation' };
  const { data } = await ask(app, procedure, keys.worker, JSON.stringify({ items }));
  const { answers } = data as { answers: { ok: boolean; error?: { code: string } }[] };
  for (const { ok, error } of answers) if (!ok) expect(error?.code).toBe('LEASE_LOST');
  return answers.filter(({ ok }) => ok).length;
};

const openSession = async (app: App, { keys }: OrgKeys): Promise<string> =>
  (
    await act<{ sessionId: string }>(app, 'worker.openSession', keys.worker, {
      kinds: ['forged'],
      leaseSeconds: 3_600,
      concurrency: 1_000,
    })
  ).sessionId;

const runJobs = async (app: App, org: OrgKeys, count: number): Promise<Lease[]> => {
  const jobs = Array.from({ length: count }, () => ({ kind: 'forged', payload: 1 }));
  await act(app, 'jobs.submitMany', org.keys.submit, { jobs });
  const sessionId = await openSession(app, org);
  const claimed = await act<{ jobs: Lease[] }>(app, 'worker.claim', org.keys.worker, {
    sessionId,
    limit: count,
  });
  return claimed.jobs.map(({ id, leaseToken }) => ({ id, leaseToken }));
};

/** Every token with each of its 128 bits flipped, every job with the token of each other, and random ones. */
const forge = (leases: Lease[]): Lease[] => {
  const flipped = leases.flatMap(({ id, leaseToken }) =>
    Array.from({ length: 128 }, (_, bit) => ({ id, leaseToken: flipBit(leaseToken, bit) })),
  );
  const swapped = leases.flatMap(({ id }) =>
    leases.filter((other) => other.id !== id).map(({ leaseToken }) => ({ id, leaseToken })),
  );
  const random = Array.from({ length: forgeries }, (_, place) => ({
    id: leases[place % leases.length]!.id,
    leaseToken: randomUUID(),
  }));
  return [...flipped, ...swapped, ...random].slice(0, forgeries);
};

const flipBit = (token: string, bit: number): string => {
  const digits = token.replaceAll('-', '').split('');
  const place = Math.floor(bit / 4);
  digits[place] = (Number.parseInt(digits[place]!, 16) ^ (1 << (bit % 4))).toString(16);
  return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};
