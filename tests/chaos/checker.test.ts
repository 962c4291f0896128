import { expect, test } from 'vitest';
import { checkOrg } from './checker.ts';
import type { Intent, OrgLedger, Step } from './ledger.ts';
import type { JobRow, Lease } from './story.ts';

const key = 'ash-0.0';
const id = 'job';

const intent = (changes: Partial<Intent> = {}): Intent => ({
  what: 'intent',
  atMs: 0,
  key,
  plan: 'complete',
  id: null,
  delaySeconds: 0,
  parentKey: null,
  ...changes,
});

const step = (what: Step['what'], epoch: number, outcome?: string): Step => ({
  what,
  atMs: epoch * 10_000 + 100,
  id,
  epoch,
  pid: epoch,
  session: `session ${epoch}`,
  ...(outcome !== undefined && { outcome }),
});

const lease = (epoch: number, outcome = 'rescued'): Lease => ({
  sessionId: `session ${epoch}`,
  claimedAtMs: epoch * 10_000,
  endedAtMs: epoch * 10_000 + 5_000,
  outcome,
});

/** A job that was rescued once and then completed. */
const row = (changes: Partial<JobRow> = {}): JobRow => ({
  id,
  key,
  state: 'completed',
  epoch: 2,
  attempt: 1,
  maxAttempts: 3,
  rescues: 1,
  createdAtMs: 0,
  finishedAtMs: 25_000,
  errorCode: null,
  result: { epoch: 2, pid: 2 },
  leases: [lease(1), lease(2, 'completed')],
  ...changes,
});
const goodSteps = [
  step('start', 1),
  step('start', 2),
  step('end', 2, 'completed'),
  step('told', 2, 'completed'),
];

const check = (rows: JobRow[], steps: Step[] = goodSteps, given = intent(), stallMs = 0): string[] => {
  const ledger: OrgLedger = {
    intents: new Map([[key, given]]),
    acks: new Map([[key, { what: 'ack', atMs: 1, key, id }]]),
    cancels: new Map(),
    steps: new Map([[id, steps]]),
  };
  return [...new Set(checkOrg(ledger, rows, stallMs).violations.map(({ rule }) => rule))];
};

test('a job that was rescued and then completed by its heir is no violation', () => {
  expect(check([row()])).toEqual([]);
});

test('an acked job that is not stored is lost', () => {
  expect(check([], [])).toEqual(['lost']);
});

test('a job that is stored twice is found, whatever its ids', () => {
  expect(check([row(), row()])).toContain('stored twice');
  expect(check([row(), row({ id: 'other' })])).toContain('stored twice');
});

test('a job that is still live is found', () => {
  expect(check([row({ state: 'running' })])).toContain('not final');
});

test('the result of a zombie is found, in the row and by what he was told', () => {
  const zombie = [step('end', 1, 'completed')];
  expect(check([row({ result: { epoch: 1, pid: 1 } })], [...goodSteps, ...zombie])).toContain(
    'foreign outcome',
  );
  expect(check([row()], [...goodSteps, ...zombie, step('told', 1, 'completed')])).toEqual([
    'double outcome',
    'foreign outcome',
  ]);
});

test('a completed job that no handler finished is found', () => {
  expect(check([row()], [step('start', 1), step('start', 2)])).toEqual(['foreign outcome']);
});

test('one epoch for two runs, and a claim without an epoch of its own, are found', () => {
  expect(check([row()], [...goodSteps, step('start', 2)])).toContain('epoch');
  expect(check([row({ epoch: 1, result: { epoch: 1, pid: 2 } })])).toContain('epoch');
});

test('two leases at a time, and a run in the session of another, are found', () => {
  const early = { ...lease(2, 'completed'), claimedAtMs: 11_000 };
  expect(check([row({ leases: [lease(1), early] })])).toContain('lease');
  const stranger = { ...step('start', 2), session: 'session 1' };
  expect(check([row()], [goodSteps[0]!, stranger, ...goodSteps.slice(2)])).toContain('lease');
});

test('an end that was not planned is found, but for a job whose workers died three times', () => {
  const failed = { state: 'failed' as const, result: null, epoch: 3, rescues: 3 };
  const leases = [lease(1), lease(2), lease(3)];
  const steps = [step('start', 1), step('start', 2), step('start', 3)];
  expect(check([row({ ...failed, leases, errorCode: 'POISON' })], steps)).toEqual([]);
  expect(check([row({ ...failed, leases, errorCode: null })], steps)).toEqual(['plan']);
  expect(check([row()], goodSteps, intent({ plan: 'fail' }))).toEqual(['plan']);
});

test('a job that started before its time is found, by more than its processes were kept from running', () => {
  const early = intent({ delaySeconds: 13 });
  expect(check([row()], goodSteps, early)).toEqual(['plan']);
  expect(check([row()], goodSteps, early, 500)).toEqual(['plan']);
  expect(check([row()], goodSteps, early, 5_000)).toEqual([]);
});

test('a job that nobody meant to submit, and a run of a job that is not there, are found', () => {
  expect(check([row(), row({ id: 'other', key: 'stranger' })])).toEqual(['unknown job']);
  const ledger = {
    intents: new Map(),
    acks: new Map(),
    cancels: new Map(),
    steps: new Map([[id, goodSteps]]),
  };
  expect(checkOrg(ledger, []).violations).toMatchObject([{ rule: 'lost' }]);
});
