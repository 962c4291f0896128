import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endProcess } from '@longshore/test-kit/processes';
import { MissingSubject, pidOf } from '../subject.ts';

/** A Redis of this run's own, reachable by its socket alone. */
export interface RunningRedis {
  socket: string;
  pid: number;
  version: string;
  stop(): Promise<void>;
}

/**
 * Starts a Redis in a temporary folder: without any persistence, or with every write fsynced before it is answered.
 * Throws MissingSubject where there is no redis-server.
 */
export const startRedis = async (options: { isDurable: boolean }): Promise<RunningRedis> => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-bench-redis-'));
  const socket = join(folder, 'redis.sock');
  const child = spawn('redis-server', settingsOf(folder, socket, options.isDurable), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const endWithUs = (): boolean => child.kill();
  process.once('exit', endWithUs);
  const stop = async (): Promise<void> => {
    process.off('exit', endWithUs);
    if (child.pid) await endProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await once(child, 'spawn');
    const version = await readUntilReady(child.stdout);
    return { socket, pid: pidOf(child), version, stop };
  } catch (error) {
    await stop();
    throw isMissing(error) ? new MissingSubject(remedy) : error;
  }
};

const remedy =
  'There is no redis-server on the PATH. On Debian: apt-get install redis-server (without it running as a service).';

const settingsOf = (folder: string, socket: string, isDurable: boolean): string[] => [
  ...['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', ''],
  ...[
    '--appendonly',
    isDurable ? 'yes' : 'no',
    '--appendfsync',
    'always',
    '--no-appendfsync-on-rewrite',
    'no',
  ],
];

/** Resolves with its version once it takes connections. */
const readUntilReady = async (log: NodeJS.ReadableStream): Promise<string> => {
  let version = '';
  // Left open: what Redis goes on to write must be read by somebody.
  const lines = createInterface({ input: log });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      version = /Redis version=([^,]+)/.exec(line)?.[1] ?? version;
      if (/ready to accept connections/i.test(line)) resolve();
    });
    lines.once('close', () => reject(new Error('redis-server ended before it was ready')));
  });
  return version;
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
