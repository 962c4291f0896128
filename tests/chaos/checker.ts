import type { OrgLedger } from './ledger.ts';
import { type JobRow, type Story, tellStories } from './story.ts';

export type RuleName =
  | 'lost'
  | 'stored twice'
  | 'unknown job'
  | 'not final'
  | 'double outcome'
  | 'foreign outcome'
  | 'epoch'
  | 'lease'
  | 'plan'
  | 'counts';

/** A promise that was broken. `key` names the job, if it is about one. */
export interface Violation {
  rule: RuleName;
  key: string | null;
  told: string;
}

/** What one org came to. */
export interface OrgCount {
  intents: number;
  acked: number;
  stored: number;
  byState: Partial<Record<JobRow['state'], number>>;
  /** Failed because their workers died three times under them. */
  poisoned: number;
  claims: number;
}

/**
 * Verbs take the time before they lock, and a lock is waited for a second at most: what the database does in order may be dated out of
 * order by as much, and by as long as whoever took the time was kept from running.
 */
const lockMs = 2_000;
/** The two clocks are one, but read in milliseconds here. */
const clockMs = 2;
/** Rows forget all but their last leases beyond these. */
const leasesKept = 50;
const rescuesMax = 3;

/**
 * Compares what an org's processes wrote down with what the database holds. Pure. `stallMs`: how long any of them may have been kept from
 * running.
 */
export const checkOrg = (
  ledger: OrgLedger,
  rows: readonly JobRow[],
  stallMs = 0,
): { violations: Violation[]; count: OrgCount; stories: Story[] } => {
  const { stories, strangers, ghostRuns } = tellStories(ledger, rows);
  const violations = [
    ...stories.flatMap((story) => checkJob(story, stallMs)),
    ...strangers.map(({ id, key }) => ({
      rule: 'unknown job' as const,
      key,
      told: `job ${id} was never to be submitted`,
    })),
    ...ghostRuns.map((id) => ({
      rule: 'lost' as const,
      key: null,
      told: `job ${id} ran and is not stored`,
    })),
  ];
  const count = countOrg(stories, rows);
  if (count.stored + strangers.length !== rows.length)
    violations.push({ rule: 'counts', key: null, told: `${rows.length} rows for ${count.stored} jobs` });
  return { violations, count, stories };
};

/** Every promise about one job. */
const checkJob = (story: Story, stallMs: number): Violation[] => {
  const [row] = story.rows;
  const datingMs = lockMs + stallMs;
  const faults: [RuleName, string][] = [...storageFaults(story)];
  if (row) {
    faults.push(...finalFaults(row), ...outcomeFaults(story, row), ...epochFaults(story, row));
    faults.push(...leaseFaults(story, row, datingMs), ...planFaults(story, row, datingMs));
  }
  return faults.map(([rule, told]) => ({ rule, key: story.key, told }));
};

type Fault = [RuleName, string];

const storageFaults = ({ ack, intent, rows }: Story): Fault[] => {
  if (rows.length > 1) return [['stored twice', `${rows.length} rows: ${rows.map(describe).join(', ')}`]];
  const [row] = rows;
  if (!row) return ack ? [['lost', `acked as ${ack.id}, and not stored`]] : [];
  const expected = ack?.id ?? intent.id ?? row.id;
  return row.id === expected ? [] : [['lost', `known as ${expected}, stored as ${row.id}`]];
};

const describe = ({ id, state, epoch }: JobRow): string => `${id} ${state} at epoch ${epoch}`;

const finals = ['completed', 'failed', 'cancelled'];

const finalFaults = (row: JobRow): Fault[] =>
  finals.includes(row.state) ? [] : [['not final', `still ${row.state} at epoch ${row.epoch}`]];

/** The recorded outcome is that of the last lease, and nobody else was ever told that his counts. */
const outcomeFaults = ({ steps, cancel }: Story, row: JobRow): Fault[] => {
  const faults: Fault[] = [];
  const told = steps.filter(({ what, outcome }) => what === 'told' && finals.includes(outcome ?? ''));
  const epochs = new Set(told.map(({ epoch }) => epoch));
  if (epochs.size > 1)
    faults.push(['double outcome', `outcomes of epochs ${[...epochs].join(', ')} were taken`]);
  for (const { epoch, outcome } of told) {
    if (epoch !== row.epoch || outcome !== row.state)
      faults.push(['foreign outcome', `${outcome} was taken of epoch ${epoch}; stored is ${describe(row)}`]);
  }
  if (cancel?.state === 'cancelled' && row.state !== 'cancelled')
    faults.push(['foreign outcome', `cancelled by answer, ${row.state} in the end`]);
  if (row.state !== 'completed') return faults;
  const { result } = row;
  const isFinisher = steps.some(
    ({ what, epoch, pid, outcome }) =>
      what === 'end' && outcome === 'completed' && epoch === row.epoch && pid === result?.pid,
  );
  if (result?.epoch !== row.epoch || !isFinisher)
    faults.push([
      'foreign outcome',
      `the result is of epoch ${result?.epoch} and process ${result?.pid}; stored is ${describe(row)}`,
    ]);
  return faults;
};

/** Each claim has an epoch of its own, one more than the claim before, and one handler run at most. */
const epochFaults = ({ steps }: Story, row: JobRow): Fault[] => {
  const faults: Fault[] = [];
  const starts = steps.filter(({ what }) => what === 'start').map(({ epoch }) => epoch);
  const twice = starts.filter((epoch, place) => starts.indexOf(epoch) !== place);
  if (twice.length > 0) faults.push(['epoch', `handlers started twice at epoch ${twice.join(', ')}`]);
  const strange = steps.find(({ epoch }) => epoch < 1 || epoch > row.epoch);
  if (strange) faults.push(['epoch', `a handler ran at epoch ${strange.epoch} of ${row.epoch}`]);
  if (row.leases.length < leasesKept && row.leases.length !== row.epoch)
    faults.push(['epoch', `${row.leases.length} leases, epoch ${row.epoch}`]);
  return faults;
};

/** Leases follow each other, each with one session, whose handlers alone ran. */
const leaseFaults = ({ steps }: Story, row: JobRow, datingMs: number): Fault[] => {
  const faults: Fault[] = [];
  for (const [place, lease] of row.leases.entries()) {
    const before = row.leases[place - 1];
    if (before && lease.claimedAtMs < (before.endedAtMs ?? Number.POSITIVE_INFINITY) - datingMs)
      faults.push(['lease', `lease ${place + 1} began before lease ${place} had ended`]);
  }
  if (row.leases.length >= leasesKept) return faults;
  for (const { what, epoch, session, atMs, pid } of steps) {
    const lease = row.leases[epoch - 1];
    if (what !== 'start' || !lease) continue;
    if (lease.sessionId !== session)
      faults.push([
        'lease',
        `process ${pid} ran epoch ${epoch} in session ${session}; it was given to ${lease.sessionId}`,
      ]);
    if (atMs < lease.claimedAtMs - clockMs)
      faults.push(['lease', `process ${pid} ran epoch ${epoch} before it was claimed`]);
  }
  return faults;
};

/** The job ended as it had to, and no sooner than it might. */
const planFaults = ({ intent, parent }: Story, row: JobRow, datingMs: number): Fault[] => {
  const faults: Fault[] = [];
  const rescued = row.leases.filter(({ outcome }) => outcome === 'rescued').length;
  if (row.leases.length < leasesKept && rescued !== row.rescues)
    faults.push(['plan', `${row.rescues} rescues counted, ${rescued} made`]);
  if (row.attempt > row.maxAttempts) faults.push(['plan', `attempt ${row.attempt} of ${row.maxAttempts}`]);
  const [first] = row.leases;
  if (first && first.claimedAtMs < row.createdAtMs + intent.delaySeconds * 1_000 - datingMs)
    faults.push(['plan', 'claimed before its time']);
  if (first && parent?.finishedAtMs && first.claimedAtMs < parent.finishedAtMs - datingMs)
    faults.push(['plan', 'claimed before its parent was finished']);
  if (!finals.includes(row.state) || isPoisoned(row)) return faults;
  const mayBe = mayEndAs(intent.plan, parent);
  if (!mayBe.includes(row.state))
    faults.push(['plan', `${intent.plan}, but ended ${row.state} ${row.errorCode ?? ''}`]);
  return faults;
};

const isPoisoned = ({ state, errorCode, rescues }: JobRow): boolean =>
  state === 'failed' && errorCode === 'POISON' && rescues >= rescuesMax;

const mayEndAs = (plan: Story['intent']['plan'], parent: JobRow | undefined): string[] => {
  switch (plan) {
    case 'fail':
      return ['failed'];
    case 'cancel':
      return ['completed', 'cancelled'];
    case 'follow':
      return [parent?.state === 'completed' ? 'completed' : 'cancelled'];
    default:
      return ['completed'];
  }
};

const countOrg = (stories: readonly Story[], rows: readonly JobRow[]): OrgCount => {
  const byState: OrgCount['byState'] = {};
  for (const { state } of rows) byState[state] = (byState[state] ?? 0) + 1;
  return {
    intents: stories.length,
    acked: stories.filter(({ ack }) => ack !== undefined).length,
    stored: stories.reduce((sum, story) => sum + story.rows.length, 0),
    byState,
    poisoned: rows.filter(isPoisoned).length,
    claims: rows.reduce((sum, { epoch }) => sum + epoch, 0),
  };
};
