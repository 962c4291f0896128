import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc/<pid>/stat tells of it. */
export interface ProcessStat {
  pid: number;
  command: string;
  parentPid: number;
  /** CPU time of itself and of its children that have ended and were waited for, in clock ticks. */
  ticks: number;
}

/** Linux tells CPU time to programs in hundredths of a second on every machine. */
export const ticksPerSecond = 100;

export const hasProc = (): boolean => process.platform === 'linux';

/** Every process of the machine at this moment. One that ends meanwhile is left out. */
export const readProcesses = (): ProcessStat[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const text = readText(`/proc/${pid}/stat`);
      return text === null ? [] : [parseProcessStat(text)];
    });

/** Reads a line of /proc/<pid>/stat. The second field, the command, may hold blanks and brackets. */
export const parseProcessStat = (line: string): ProcessStat => {
  const commandEnd = line.lastIndexOf(')');
  const fields = line.slice(commandEnd + 2).split(' ');
  // User and system time, then the same of children that were waited for: fields 14 to 17 of proc(5).
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const command = line.slice(line.indexOf('(') + 1, commandEnd);
  return { pid: Number.parseInt(line, 10), command, parentPid: Number(fields[1]), ticks };
};

/** Ticks that all cores spent in programs and in the kernel on their behalf since boot, from /proc/stat. */
export const parseBusyTicks = (text: string): number => {
  const [, user, nice, system] = text.split('\n')[0]!.split(/\s+/);
  // Interrupts are left out: those of loopback are our own, and no process is charged for them.
  return Number(user) + Number(nice) + Number(system);
};

/** The processes at the given ids and all their descendants. */
export const treeOf = (processes: readonly ProcessStat[], rootPids: readonly number[]): ProcessStat[] => {
  const children = Map.groupBy(processes, ({ parentPid }) => parentPid);
  const tree = new Map(processes.filter(({ pid }) => rootPids.includes(pid)).map((root) => [root.pid, root]));
  // A map goes on to the entries that are added while it is walked.
  for (const pid of tree.keys()) for (const child of children.get(pid) ?? []) tree.set(child.pid, child);
  return [...tree.values()];
};

export const sumTicks = (processes: readonly ProcessStat[]): number =>
  processes.reduce((sum, { ticks }) => sum + ticks, 0);

/** Text of a file of /proc; null when its process has ended. */
export const readText = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/**
 * Ends the API, Redis and worker processes that descend from this one, for when this one is told to end early. PostgreSQL has
 * its own watchdog, a shell, that ends it and removes its folder.
 */
export const endDescendants = (): void => {
  if (!hasProc()) return;
  for (const { pid, command } of treeOf(readProcesses(), [process.pid])) {
    if (pid !== process.pid && command !== 'postgres' && command !== 'sh') endIfThere(pid);
  }
};

const endIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGTERM');
    // A process that is held at its start would never see it.
    process.kill(pid, 'SIGCONT');
  } catch {
    // It has ended meanwhile.
  }
};
