import { createHash } from 'node:crypto';
import { uuidV7 } from '@longshore/contract';
import type { Things } from './id-kinds.ts';
import { type App, act, ask } from './open-app.ts';
import { canary, type OrgKeys } from './org-keys.ts';

interface Lease {
  id: string;
  leaseToken: string;
}

/**
 * Gives an org something of everything, through its own API: jobs in each state, attempts, batches, ties, output, keys,
 * workers, sessions, paused queues; each text a canary of its own. Answers what can be named of it, first what runs.
 * `alsoKinds` are kinds of jobs that its worker says it serves beside its own.
 */
export const seedOrg = async (
  app: App,
  { keys, slug }: OrgKeys,
  alsoKinds: string[] = [],
): Promise<Things> => {
  const names = {
    queue: canary(),
    kind: canary(),
    tag: canary(),
    capability: canary(),
    category: canary(),
    batch: canary(),
  };
  const { sessionId } = await act<{ sessionId: string }>(app, 'worker.openSession', keys.worker, {
    kinds: [names.kind, ...alsoKinds],
    capabilities: [names.capability],
    concurrency: 100,
    leaseSeconds: 3_600,
    host: canary(),
    version: canary(),
  });
  const submit = createSubmit(app, keys.submit, names);
  const ended = await runJobs(app, keys.worker, sessionId, submit);
  const waiting = await makeWaitingJobs(app, keys.submit, submit, ended.running);
  const people = await makePeople(app, keys.admin, names.queue);

  return {
    job: [ended.running.id, ...waiting, ended.completed.id, ended.failed.id, ended.retried.id],
    session: [sessionId],
    lease: [ended.running.leaseToken, ended.completed.leaseToken, ended.failed.leaseToken],
    worker: people.workers,
    key: people.keys,
    hash: [createHash('sha256').update(keys.admin).digest('hex')],
    batch: [names.batch],
    externalId: submit.sent.externalIds.slice(-3),
    idempotencyKey: submit.sent.idempotencyKeys.slice(-3),
    queue: [names.queue],
    jobKind: [names.kind],
    tag: [names.tag],
    capability: [names.capability],
    category: [names.category],
    slug: [slug],
    message: await makeMessages(app, keys, sessionId),
  };
};

/** One in each direction, unread. */
const makeMessages = async (app: App, keys: OrgKeys['keys'], sessionId: string): Promise<string[]> => {
  const { messages } = await act<{ messages: { id: string }[] }>(app, 'workers.send', keys.admin, {
    to: { sessionId },
    type: canary(),
    body: { secret: canary() },
    expiresInSeconds: 86_400,
  });
  const messageId = uuidV7();
  await act(app, 'worker.send', keys.worker, {
    sessionId,
    messageId,
    type: canary(),
    body: { secret: canary() },
  });
  return [messages[0]!.id, messageId];
};

interface Submit {
  (options?: object): Promise<string>;
  sent: { externalIds: string[]; idempotencyKeys: string[] };
}

const createSubmit = (
  app: App,
  key: string,
  names: { queue: string; kind: string; tag: string; batch: string },
): Submit => {
  const sent: Submit['sent'] = { externalIds: [], idempotencyKeys: [] };
  const submit = async (options: object = {}): Promise<string> => {
    const [externalId, idempotencyKey] = [canary(), canary()];
    sent.externalIds.push(externalId);
    sent.idempotencyKeys.push(idempotencyKey);
    const { id } = await act<{ id: string }>(app, 'jobs.submit', key, {
      kind: names.kind,
      queue: names.queue,
      payload: { secret: canary() },
      metadata: { secret: canary() },
      tags: [names.tag, canary()],
      batchId: names.batch,
      externalId,
      idempotencyKey,
      ...options,
    });
    return id;
  };
  return Object.assign(submit, { sent });
};

/** Four jobs that are claimed: one stays running, the others end in their ways. */
const runJobs = async (app: App, key: string, sessionId: string, submit: Submit) => {
  for (let count = 0; count < 4; count++) await submit({ maxAttempts: 2 });
  const { jobs } = await act<{ jobs: Lease[] }>(app, 'worker.claim', key, { sessionId, limit: 4 });
  const leases = jobs.map(({ id, leaseToken }) => ({ id, leaseToken }));
  const [running, completed, failed, retried] = leases as [Lease, Lease, Lease, Lease];
  const output = [{ stream: 'log', text: canary() }];
  const error = () => ({
    message: canary(),
    name: canary(),
    code: canary(),
    stack: canary(),
    details: { secret: canary() },
  });
  await act(app, 'worker.report', key, {
    items: [
      { ...running, progress: { secret: canary() }, output },
      { ...completed, output },
    ],
  });
  await act(app, 'worker.complete', key, { items: [{ ...completed, result: { secret: canary() } }] });
  await act(app, 'worker.fail', key, {
    items: [
      { ...failed, error: error(), isRetryable: false },
      { ...retried, error: error(), retryAfterSeconds: 86_400 },
    ],
  });
  return { running, completed, failed, retried };
};

/** Available, available with capabilities, scheduled, blocked by a job and by a batch, cancelled. */
const makeWaitingJobs = async (app: App, key: string, submit: Submit, running: Lease): Promise<string[]> => {
  const available = await submit();
  const demanding = await submit({ requiredCapabilities: [canary()], priority: 5 });
  const scheduled = await submit({ delaySeconds: 86_400 });
  const otherBatch = canary();
  await submit({ batchId: otherBatch });
  const blocked = await submit({ dependsOn: [running.id], batchId: canary() });
  const afterBatch = await submit({ afterBatch: otherBatch, batchId: canary() });
  const cancelled = await submit();
  await act(app, 'jobs.cancel', key, { ids: [cancelled], reason: canary() });
  return [available, scheduled, blocked, afterBatch, demanding, cancelled];
};

/** A key and a worker that nobody uses, for attacks to end; the newest come first. */
const makePeople = async (
  app: App,
  key: string,
  queue: string,
): Promise<{ keys: string[]; workers: string[] }> => {
  await act(app, 'keys.create', key, { role: 'submit', name: canary() });
  await act(app, 'workers.register', key, { name: canary(), allowedCapabilities: [canary()] });
  await act(app, 'queues.pause', key, { queue: canary() });
  await act(app, 'queues.pause', key, { queue });
  await act(app, 'queues.resume', key, { queue });
  await act(app, 'queues.retain', key, { queue, completed: { count: 1_000 } });
  const list = async <Part extends string>(part: Part): Promise<string[]> => {
    const { data } = await ask(app, { name: `${part}.list`, type: 'query' }, key, '{}');
    return (data as Record<Part, { id: string }[]>)[part]
      .map(({ id }) => id)
      .sort()
      .reverse();
  };
  return { keys: await list('keys'), workers: await list('workers') };
};
