import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ClaimedJob, type FinishAnswer, uuidV7 } from '@longshore/contract';
import { type ApiClient, createApiClient, createClient } from '@longshore/sdk';
import { doomed } from './jobs.ts';
import { type LedgerFile, openLedgerFile, type Step } from './ledger.ts';
import type { ChaosOrg } from './site.ts';

/** Finishes sent by somebody whose lease was over. */
export interface StaleFinishes {
  sent: number;
  /** Sent while somebody else held a new lease on the job. */
  besideAnHeir: number;
  /** Recorded, which is right only when nobody else had been given the job. */
  accepted: number;
}

export interface HauntOptions {
  org: ChaosOrg;
  url: string;
  leaseSeconds: number;
  jobs: number;
  /** No more jobs are made. */
  over: AbortSignal;
  /** Nothing is left to be done. */
  done: AbortSignal;
}

/**
 * A client without the SDK's self-restraint: again and again it claims jobs, is silent past its lease, waits until an heir holds them, and
 * then finishes them all the same, before the heir does. Resolves when `done`, with all counts.
 */
export const haunt = async (options: HauntOptions): Promise<StaleFinishes> => {
  const ledger = openLedgerFile(join(options.org.ledgerFolder, 'ghost.jsonl'));
  const api = createApiClient({ url: options.url, apiKey: options.org.workerKey });
  const counts: StaleFinishes = { sent: 0, besideAnHeir: 0, accepted: 0 };
  for (let round = 0; !options.done.aborted; round++) {
    if (!options.over.aborted) await submitDoomed(round, ledger, options);
    // Whatever fails here, the jobs are rescued and the next round finds them.
    await hauntOnce(api, ledger, options, counts).catch(() => delay(200));
  }
  ledger.close();
  return counts;
};

const submitDoomed = async (
  round: number,
  ledger: LedgerFile,
  { org, url, jobs }: HauntOptions,
): Promise<void> => {
  const client = createClient({ url, apiKey: org.adminKey });
  const intents = Array.from({ length: jobs }, (_, place) => ({
    what: 'intent' as const,
    atMs: Date.now(),
    key: `${org.slug}-ghost-${round}.${place}`,
    plan: 'doomed' as const,
    id: uuidV7(),
    delaySeconds: 0,
    parentKey: null,
  }));
  ledger.append(...intents);
  const requests = intents.map(({ key, id }) =>
    doomed.request({ plan: 'doomed', ms: 0 }, { id, externalId: key }),
  );
  const handles = await client.submitMany(requests).catch(() => []);
  ledger.append(
    ...handles.map(({ id }, place) => ({
      what: 'ack' as const,
      atMs: Date.now(),
      key: intents[place]!.key,
      id,
    })),
  );
};

interface Holder {
  sessionId: string;
  jobs: ClaimedJob[];
}

const hauntOnce = async (
  api: ApiClient,
  ledger: LedgerFile,
  { leaseSeconds, over, done }: HauntOptions,
  counts: StaleFinishes,
): Promise<void> => {
  const note = noteIn(ledger);
  const ghost = over.aborted ? undefined : await claim(api, leaseSeconds, note);
  // The lease, the second until the next rescue, and what a slow machine adds.
  if (ghost) await delay(leaseSeconds * 1_000 + 1_500);
  const heir = await claim(api, leaseSeconds, note);
  if (ghost && ghost.jobs.length > 0) {
    const inherited = new Set(heir.jobs.map(({ id }) => id));
    const answers = await finish(api, ghost, note);
    counts.sent += answers.length;
    counts.besideAnHeir += answers.filter(({ id }) => inherited.has(id)).length;
    counts.accepted += answers.filter(({ ok }) => ok).length;
  }
  if (heir.jobs.length > 0) await finish(api, heir, note);
  await api.worker.closeSession({ sessionId: heir.sessionId });
  if (heir.jobs.length === 0 && !done.aborted) await delay(200);
};

type Note = (
  what: Step['what'],
  job: Pick<ClaimedJob, 'id' | 'fencingToken'>,
  session: string,
  outcome?: string,
) => void;

const noteIn =
  (ledger: LedgerFile): Note =>
  (what, { id, fencingToken: epoch }, session, outcome) =>
    ledger.append({
      what,
      atMs: Date.now(),
      id,
      epoch,
      pid: process.pid,
      session,
      ...(outcome !== undefined && { outcome }),
    });

/** Opens a session that no heartbeat will keep. */
const claim = async (api: ApiClient, leaseSeconds: number, note: Note): Promise<Holder> => {
  const { sessionId } = await api.worker.openSession({ kinds: [doomed.kind], leaseSeconds });
  const waitSeconds = leaseSeconds / 2;
  const { jobs } = await api.worker.claim({ sessionId, limit: 200, waitSeconds }, { retries: 'never' });
  for (const job of jobs) note('start', job, sessionId);
  return { sessionId, jobs };
};

const finish = async (api: ApiClient, { sessionId, jobs }: Holder, note: Note): Promise<FinishAnswer[]> => {
  for (const job of jobs) note('end', job, sessionId, 'completed');
  const items = jobs.map(({ id, leaseToken, fencingToken }) => ({
    id,
    leaseToken,
    result: { epoch: fencingToken, pid: process.pid },
  }));
  const { answers } = await api.worker.complete({ items });
  for (const [place, answer] of answers.entries())
    if (answer.ok) note('told', jobs[place]!, sessionId, answer.state);
  return answers;
};
