import { connect } from '@longshore/db';
import {
  hasProc,
  type ProcessStat,
  readProcesses,
  readText,
  sumTicks,
  ticksPerSecond,
  treeOf,
} from './processes.ts';
import { readSql } from './sql-file.ts';

/** What a figure used. CPU in seconds; memory at its peak in MiB. */
export interface Usage {
  postgres: ProcessUsage;
  /** The subject's own processes between callers and database. */
  servers: ProcessUsage;
  workers: ProcessUsage;
  walBytes: number;
  /** Transactions that wrote. */
  transactions: number;
}

export interface ProcessUsage {
  cpuSeconds: number;
  memoryPeakMib: number;
}

export interface Meter {
  /** What was used since the meter began. Call it while the workers still run: whoever has ended is not counted. */
  stop(): Promise<Usage>;
}

interface Metered {
  databaseUrl: string;
  postgresPid: number;
  serverPids: number[];
  workerPids: number[];
}

const parties = ['postgres', 'servers', 'workers'] as const;
type Party = (typeof parties)[number];

const memoryPeriodMs = 500;

/** Starts to count what a subject uses. Without /proc the figures of processes are not numbers. */
export const startMeter = async (metered: Metered): Promise<Meter> => {
  const db = connect({ url: metered.databaseUrl, poolSize: 1 });
  const readCounters = async (): Promise<Counters> =>
    countersOf((await db.pool.query<CountersRow>(readSql('./sql/counters.sql', import.meta.url))).rows[0]!);
  const peaks = { postgres: 0, servers: 0, workers: 0 };
  const noteMemory = (): void => {
    const trees = readTrees(metered);
    for (const party of parties) peaks[party] = Math.max(peaks[party], memoryMibOf(trees[party]));
  };
  const countersBefore = await readCounters();
  const treesBefore = readTrees(metered);
  const timer = setInterval(noteMemory, memoryPeriodMs);
  return {
    stop: async () => {
      clearInterval(timer);
      const treesAfter = readTrees(metered);
      noteMemory();
      const counters = await readCounters();
      await db.close();
      const usageOf = (party: Party): ProcessUsage => ({
        cpuSeconds: hasProc() ? cpuSecondsBetween(treesBefore[party], treesAfter[party]) : Number.NaN,
        memoryPeakMib: hasProc() ? peaks[party] : Number.NaN,
      });
      return {
        postgres: usageOf('postgres'),
        servers: usageOf('servers'),
        workers: usageOf('workers'),
        walBytes: counters.walBytes - countersBefore.walBytes,
        transactions: counters.transactions - countersBefore.transactions,
      };
    },
  };
};

/** CPU of a tree of processes between two looks. A child that ended between them is in the second look of its parent. */
export const cpuSecondsBetween = (before: ProcessStat[], after: ProcessStat[]): number =>
  (sumTicks(after) - sumTicks(before)) / ticksPerSecond;

const readTrees = (metered: Metered): Record<Party, ProcessStat[]> => {
  const processes = hasProc() ? readProcesses() : [];
  return {
    postgres: treeOf(processes, [metered.postgresPid]),
    servers: treeOf(processes, metered.serverPids),
    workers: treeOf(processes, metered.workerPids),
  };
};

const memoryMibOf = (processes: ProcessStat[]): number =>
  sumMemoryMib(processes.flatMap(({ pid }) => readText(`/proc/${pid}/status`) ?? []));

/**
 * Memory of processes by their /proc/<pid>/status: what is theirs alone, and once the most that one of them has of the memory
 * they share, which for PostgreSQL is the part of its shared buffers in use. Mapped files are the programs; they are left out.
 */
export const sumMemoryMib = (statuses: string[]): number => {
  const kibOf = (name: string, status: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  const own = statuses.reduce((sum, status) => sum + kibOf('RssAnon', status), 0);
  const shared = Math.max(0, ...statuses.map((status) => kibOf('RssShmem', status)));
  return (own + shared) / 1_024;
};

interface CountersRow {
  wal_bytes: string;
  transactions: string;
}

interface Counters {
  walBytes: number;
  transactions: number;
}

const countersOf = (row: CountersRow): Counters => ({
  walBytes: Number(row.wal_bytes),
  transactions: Number(row.transactions),
});
