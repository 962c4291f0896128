import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import type { PostgresBinaries } from './binaries.ts';
import type { ClusterFolder } from './cluster-folder.ts';
import type { ServerAccount } from './server-account.ts';

export type ServerSettings = Readonly<Record<string, string | number | boolean>>;

interface LaunchOptions {
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount;
  readonly settings: ServerSettings;
  readonly port: number | undefined;
  readonly onLog: ((text: string) => void) | undefined;
}

interface Server {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const portTriesMax = 4;
const logCharsMax = 20_000;

/** Starts the server and resolves once it accepts connections. Throws Error with the end of its log. */
export const launchServer = async (folder: ClusterFolder, options: LaunchOptions): Promise<Server> => {
  for (let triesLeft = options.port === undefined ? portTriesMax : 1; ; triesLeft--) {
    const port = options.port ?? (await findFreePort());
    const server = spawnServer(folder, options, port);
    const refusal = await waitUntilReady(server, options.onLog);
    if (refusal === undefined) return guard(server, folder, port);
    const isPortTaken = /could not (bind|create any TCP)/.test(refusal);
    if (!isPortTaken || triesLeft === 1)
      throw new Error(`PostgreSQL did not start on port ${port}:\n${refusal}`);
  }
};

type ServerProcess = ChildProcessByStdio<null, null, Readable>;

const spawnServer = (folder: ClusterFolder, options: LaunchOptions, port: number): ServerProcess => {
  const settings = { ...baseSettings, ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(options.binaries.postgres, ['-D', folder.pgdata, '-p', String(port), ...flags], {
    ...options.account,
    cwd: folder.path,
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own: Ctrl-C in the terminal must reach us first, so that we can stop it in order.
    detached: true,
  });
};

const baseSettings: ServerSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Undefined when the server is ready, else why it is not. Keeps reading its log: a full pipe would block it. */
const waitUntilReady = (server: ServerProcess, onLog: LaunchOptions['onLog']): Promise<string | undefined> =>
  new Promise((resolve) => {
    let log = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      onLog?.(text);
      log = (log + text).slice(-logCharsMax);
      if (log.includes('database system is ready to accept connections')) resolve(undefined);
    });
    server.once('error', (error) => resolve(error.message));
    server.once('close', () => resolve(log));
  });

/** Ties the server's life to ours, without keeping our event loop alive. */
const guard = (server: ServerProcess, folder: ClusterFolder, port: number): Server => {
  const pid = server.pid!;
  const watchdog = startWatchdog(pid, folder);
  writeFileSync(folder.ownerFile, `${process.pid}\n`);
  server.once('exit', () => {
    watchdog.kill();
    rmSync(folder.ownerFile, { force: true });
  });
  for (const handle of [server, server.stderr, watchdog, watchdog.stdin]) (handle as ChildProcess).unref();
  return { port, pid, stop: () => stopServer(server) };
};

/** SIGINT is PostgreSQL's fast shutdown: it ends the sessions that are open instead of waiting for them. */
const stopServer = async (server: ServerProcess): Promise<void> => {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.ref();
  const exited = once(server, 'exit');
  server.kill('SIGINT');
  await exited;
};

/** A shell that waits on a pipe from us. When we die, however we die, the pipe closes and the shell cleans up. */
const startWatchdog = (pid: number, folder: ClusterFolder) =>
  spawn(
    '/bin/sh',
    ['-c', watchdogScript, 'longshore-watchdog', String(pid), folder.isTemporary ? folder.path : ''],
    {
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    },
  );

const watchdogScript = `
  read -r _
  kill -INT "$1" 2>/dev/null
  while kill -0 "$1" 2>/dev/null; do sleep 0.1; done
  [ -z "$2" ] || rm -rf "$2"
`;

const findFreePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free TCP port on 127.0.0.1.');
  return address.port;
};
