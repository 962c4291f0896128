import { fileURLToPath } from 'node:url';
import { endProcess, spawnReady } from '@longshore/test-kit/processes';

export interface Listeners {
  /** Notifications a second that each of them received since this instant; NaN when there are no listeners. */
  rateSince(startedAtMs: number): number;
  end(): Promise<void>;
}

const file = fileURLToPath(new URL('./listener-process.ts', import.meta.url));

/** Connections that listen in a process of their own, so that hearing them costs the callers nothing but CPU. */
export const startListeners = async (databaseUrl: string, count: number): Promise<Listeners> => {
  if (count === 0) return { rateSince: () => Number.NaN, end: async () => {} };
  const env = { DATABASE_URL: databaseUrl, LISTENERS: String(count) };
  const { child, lines } = await spawnReady(file, /(ready)/, env);
  const reports: { noticed: number; atMs: number }[] = [];
  lines.on('line', (line) => {
    const [, noticed, atMs] = line.split(' ').map(Number);
    reports.push({ noticed: noticed!, atMs: atMs! });
  });
  return {
    rateSince: (startedAtMs) => {
      const [first, last] = [reports.find(({ atMs }) => atMs >= startedAtMs), reports.at(-1)];
      if (!first || !last) return Number.NaN;
      return ((last.noticed - first.noticed) / (last.atMs - first.atMs)) * 1_000;
    },
    end: () => endProcess(child),
  };
};
