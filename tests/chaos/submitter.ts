import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LongshoreError, uuidV7 } from '@longshore/contract';
import { type Client, createClient, type JobHandle } from '@longshore/sdk';
import type { Random } from '../races/random.ts';
import { type Plan, work } from './jobs.ts';
import { type Intent, type LedgerFile, openLedgerFile } from './ledger.ts';
import type { ChaosOrg } from './site.ts';

export interface SubmitterOptions {
  org: ChaosOrg;
  url: string;
  jobs: number;
  /** The jobs are spread over this. */
  overMs: number;
  random: Random;
  /** Resolves when more may be submitted. */
  untilRoom(): Promise<void>;
  /** A submit was answered. */
  onAnswer(): void;
  /** A submit failed in a way that no fault explains. */
  onSurprise(told: string): void;
}

/**
 * `plain` leaves the id to the SDK and submits once; `keyed` has an idempotency key and `named` an id of its own, and both submit until
 * they are answered.
 */
type Style = 'plain' | 'keyed' | 'named';

const batchMax = 40;
/** Batches that wait for their answers: an API in trouble is not to be buried under what is submitted again. */
const underWayMax = 40;
const againMs = 500;
/** What an API in trouble may say. */
const passing = ['UNAVAILABLE', 'TIMEOUT'];

/** Submits an org's jobs in batches, each written down before it is sent and when it is answered. Resolves when all are. */
export const submitJobs = async (options: SubmitterOptions): Promise<void> => {
  const { org, url, jobs, overMs, random, untilRoom } = options;
  const ledger = openLedgerFile(join(org.ledgerFolder, 'submitter.jsonl'));
  const client = createClient({ url, apiKey: org.adminKey });
  let startedAtMs = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let made = 0; made < jobs; ) {
    const count = Math.min(1 + random.below(batchMax), jobs - made);
    await delay(Math.max(0, startedAtMs + (made / jobs) * overMs - performance.now()));
    const heldFromMs = performance.now();
    await untilRoom();
    if (underWay.size >= underWayMax) await Promise.race(underWay);
    // What was held back is not caught up with: that would be another load.
    startedAtMs += performance.now() - heldFromMs;
    const batch = createBatch(`${org.slug}-${made}`, count, random);
    const sending = submitBatch(batch, { ...options, ledger, client }).finally(() =>
      underWay.delete(sending),
    );
    underWay.add(sending);
    made += count;
  }
  await Promise.all(underWay);
  await client.close();
  ledger.close();
};

interface Batch {
  style: Style;
  /** All or none in one call, or each by itself. */
  isAtomic: boolean;
  jobs: { intent: Intent; ms: number }[];
}

const createBatch = (name: string, count: number, random: Random): Batch => {
  const style = random.pick<Style>(['plain', 'keyed', 'named']);
  const jobs = Array.from({ length: count }, (_, place) => {
    const plan = choosePlan(random, style, place);
    const intent: Intent = {
      what: 'intent',
      atMs: 0,
      key: `${name}.${place}`,
      plan,
      id: style === 'named' ? uuidV7() : null,
      delaySeconds: plan === 'complete' && random.below(20) === 0 ? 3 + random.below(3) : 0,
      parentKey: plan === 'follow' ? `${name}.0` : null,
    };
    return { intent, ms: chooseMs(random) };
  });
  return { style, isAtomic: random.below(2) === 0, jobs };
};

/** A parent needs an id before its batch is sent, and the first of the batch is it. */
const choosePlan = (random: Random, style: Style, place: number): Plan => {
  const drawn = random.below(100);
  if (drawn < 5) return 'fail once';
  if (drawn < 7) return 'fail';
  if (drawn < 10) return 'cancel';
  return drawn < 18 && style === 'named' && place > 0 ? 'follow' : 'complete';
};

/** Most jobs are short; some last long enough to be caught by a fault. */
const chooseMs = (random: Random): number => {
  const drawn = random.below(100);
  if (drawn < 60) return random.below(30);
  return drawn < 95 ? random.below(1_000) : random.below(4_000);
};

interface Sending extends SubmitterOptions {
  ledger: LedgerFile;
  client: Client;
}

const submitBatch = async (batch: Batch, sending: Sending): Promise<void> => {
  const { ledger, client, onAnswer, onSurprise } = sending;
  const atMs = Date.now();
  ledger.append(...batch.jobs.map(({ intent }) => ({ ...intent, atMs })));
  const note = (handles: readonly JobHandle[], jobs: Batch['jobs']): void => {
    const ackedAtMs = Date.now();
    ledger.append(
      ...handles.map(({ id }, place) => ({
        what: 'ack' as const,
        atMs: ackedAtMs,
        key: jobs[place]!.intent.key,
        id,
      })),
    );
  };
  const untilAnswered = async (jobs: Batch['jobs'], send: () => Promise<readonly JobHandle[]>) => {
    for (;;) {
      try {
        const handles = await send();
        note(handles, jobs);
        onAnswer();
        return await cancelAsPlanned(handles, jobs, sending);
      } catch (error) {
        const code = error instanceof LongshoreError ? error.code : String(error);
        if (!passing.includes(code)) return onSurprise(`a submit was refused: ${String(error)} (${code})`);
        if (batch.style === 'plain') return;
        await delay(againMs);
      }
    }
  };
  const requests = batch.jobs.map((job) => toRequest(job, batch));
  if (batch.isAtomic) return untilAnswered(batch.jobs, () => client.submitMany(requests));
  const [first, ...rest] = batch.jobs;
  const sendOne = (job: Batch['jobs'][number]): Promise<void> => {
    const { payload, options } = toRequest(job, batch);
    return untilAnswered([job], async () => [await client.submit(work, payload, options)]);
  };
  // The parent first: who follows a job that is not stored is refused.
  await sendOne(first!);
  await Promise.all(rest.map(sendOne));
};

const toRequest = ({ intent, ms }: Batch['jobs'][number], { style, jobs }: Batch) =>
  work.request(
    { plan: intent.plan, ms },
    {
      externalId: intent.key,
      ...(intent.id !== null && { id: intent.id }),
      ...(style === 'keyed' && { idempotencyKey: intent.key }),
      ...(intent.delaySeconds > 0 && { delaySeconds: intent.delaySeconds }),
      ...(intent.parentKey !== null && { dependsOn: [jobs[0]!.intent.id!] }),
    },
  );

/** A cancel that fails is not tried again: the job then completes. */
const cancelAsPlanned = async (
  handles: readonly JobHandle[],
  jobs: Batch['jobs'],
  { client, ledger }: Sending,
): Promise<void> => {
  const doomed = handles.filter((_, place) => jobs[place]!.intent.plan === 'cancel');
  await Promise.all(
    doomed.map(async ({ id }) => {
      const answer = await client.cancel(id, { reason: 'as planned' }).catch(() => undefined);
      if (answer) ledger.append({ what: 'cancel', atMs: Date.now(), id, state: answer.state });
    }),
  );
};
