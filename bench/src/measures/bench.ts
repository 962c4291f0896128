import type { Measure } from '../measure.ts';
import { NoisyRun, runQuietly } from '../quiet.ts';
import { MissingSubject, type Subject, type SubjectWorker } from '../subject.ts';
import { subjects } from '../subjects.ts';
import type { Tier } from '../tier.ts';

/** What a group of measures is given. */
export interface Bench {
  /** Superuser url of the one embedded PostgreSQL. */
  databaseUrl: string;
  tier: Tier;
  /** Names of the subjects that were asked for, ours first. */
  subjectNames: string[];
  /** Opens a subject by name on a database of its own, runs the work, closes it. Null for a peer that is missing or not asked for. */
  withSubject<T>(name: string, work: (subject: Subject) => Promise<T>): Promise<T | null>;
  /** Runs one figure. Throws NoisyRun when others used more CPU than the bound, three times. */
  quietly<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** As `quietly`; null for a figure that is noisy or fails, which the report then names. */
  attempt<T>(figure: Figure, run: () => Promise<T>): Promise<T | null>;
  /** Writes one line to stderr. */
  progress(text: string): void;
  /** Of the postmaster. */
  postgresPid: number;
}

export type MeasureGroup = (bench: Bench) => Promise<Measure[]>;

export interface Figure {
  /** Of the measure, as in the report. */
  measure: string;
  subject: string;
}

/** What a run learned beside its measures. */
export interface Ledger {
  /** Versions and settings of the subjects that were opened, by name. */
  opened: Record<string, { version: string; settings: string }>;
  skipped: { name: string; why: string }[];
  refused: (Figure & { why: string; isNoisy: boolean })[];
  /** Notes a figure that is noisy or failed, and says so. */
  refuse(figure: Figure, error: unknown): void;
}

export const createBench = (
  given: Pick<Bench, 'databaseUrl' | 'tier' | 'subjectNames' | 'postgresPid'>,
): { bench: Bench; ledger: Ledger } => {
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  const ledger = createLedger(progress);
  const bench: Bench = {
    ...given,
    progress,
    withSubject: async (name, work) => {
      if (!given.subjectNames.includes(name)) return null;
      const subject = await openSubject(name, given.databaseUrl, ledger);
      if (subject === null) return null;
      return work(subject).finally(() => subject.close());
    },
    quietly: (name, run) => runQuietly(name, run, { progress }),
    attempt: async (figure, run) => {
      try {
        return await bench.quietly(`${figure.measure}, ${figure.subject}`, run);
      } catch (error) {
        ledger.refuse(figure, error);
        return null;
      }
    },
  };
  return { bench, ledger };
};

const createLedger = (progress: Bench['progress']): Ledger => {
  const ledger: Ledger = {
    opened: {},
    skipped: [],
    refused: [],
    refuse: (figure, error) => {
      const why = error instanceof Error ? error.message : String(error);
      ledger.refused.push({ ...figure, why, isNoisy: error instanceof NoisyRun });
      progress(`${figure.measure}, ${figure.subject}: refused: ${why}`);
    },
  };
  return ledger;
};

/** Null for a peer that this machine lacks or that does not start, which is said once. */
const openSubject = async (name: string, databaseUrl: string, ledger: Ledger): Promise<Subject | null> => {
  const entry = subjects.find((subject) => subject.name === name);
  if (!entry) throw new Error(`There is no subject ${name}.`);
  if (ledger.skipped.some((skipped) => skipped.name === name)) return null;
  try {
    const subject = await entry.open({ databaseUrl });
    ledger.opened[name] = { version: subject.version, settings: subject.settings };
    return subject;
  } catch (error) {
    if (entry === subjects[0]) throw error;
    const why = error instanceof MissingSubject ? error.message : `does not start: ${String(error)}`;
    ledger.skipped.push({ name, why });
    process.stderr.write(`${name}: skipped: ${why}\n`);
    return null;
  }
};

/** Opens all that were asked for at once, so that their runs can take turns, and closes them after the work. */
export const withSubjects = async <T>(
  bench: Bench,
  names: readonly string[],
  work: (open: Subject[]) => Promise<T>,
): Promise<T> => {
  const openNext = async (left: readonly string[], open: Subject[]): Promise<T> => {
    const [name, ...others] = left;
    if (name === undefined) return work(open);
    const answer = await bench.withSubject(name, async (subject) => ({
      result: await openNext(others, [...open, subject]),
    }));
    return answer === null ? openNext(others, open) : answer.result;
  };
  return openNext(
    names.filter((name) => bench.subjectNames.includes(name)),
    [],
  );
};

/** Runs a figure of every subject in turn, so many rounds. Answers with each subject's runs; one that was refused has none. */
export const takeTurns = async <T>(
  bench: Bench,
  { measure, subjects }: { measure: string; subjects: readonly Subject[] },
  run: (subject: Subject) => Promise<T>,
): Promise<Record<string, T[]>> =>
  (await takeTurnsOver(bench, { measures: [{ measure }], subjects }, run))[0]!;

/**
 * The same with several measures, all of whose figures are taken in every round: a machine whose speed changes within minutes
 * changes it for all of them. Answers in their order.
 */
export const takeTurnsOver = async <T, Setting extends { measure: string }>(
  bench: Bench,
  { measures, subjects }: { measures: readonly Setting[]; subjects: readonly Subject[] },
  run: (subject: Subject, setting: Setting) => Promise<T>,
): Promise<Record<string, T[]>[]> => {
  const courses = measures.flatMap((setting, place) =>
    subjects.map((subject) => ({ setting, place, subject, runs: [] as T[], isRefused: false })),
  );
  for (let round = 0; round < bench.tier.runs; round++) {
    for (const course of courses.filter(({ isRefused }) => !isRefused)) {
      const { setting, subject } = course;
      const figure = { measure: setting.measure, subject: subject.name };
      const answer = await bench.attempt(figure, () => run(subject, setting));
      if (answer === null) course.isRefused = true;
      else course.runs.push(answer);
    }
  }
  return measures.map((_, place) =>
    Object.fromEntries(
      courses
        .filter((course) => course.place === place && !course.isRefused)
        .map(({ subject, runs }) => [subject.name, runs]),
    ),
  );
};

/** Starts a worker process of each subject, so that it stays warm from one of its turns to the next, and ends them after the work. */
export const withWorkers = async <T>(
  subjects: readonly Subject[],
  concurrencyOf: (subject: Subject) => number,
  work: (workerOf: (subject: Subject) => SubjectWorker) => Promise<T>,
): Promise<T> => {
  const workers = new Map<string, SubjectWorker>();
  try {
    for (const subject of subjects) {
      workers.set(subject.name, await subject.startWorker({ concurrency: concurrencyOf(subject) }));
    }
    return await work(({ name }) => workers.get(name)!);
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker.end()));
  }
};
