import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A PgBouncer in transaction mode before a PostgreSQL server, for all of its databases. */
export interface Pooler {
  /** The same login and database by way of the pooler. */
  urlFor(url: string): string;
  stop(): Promise<void>;
}

export interface PoolerOptions {
  /** A url of the server behind. */
  serverUrl: string;
  /** Who may log in through it. */
  logins: readonly { login: string; password: string }[];
  /** Connections to PostgreSQL for each database and login. */
  poolSize: number;
}

/** Where PgBouncer is on this machine; undefined where it is not installed (Debian: `apt-get install pgbouncer`). */
export const findPgBouncer = (): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
    .map((folder) => join(folder, 'pgbouncer'))
    .find((path) => existsSync(path));

/**
 * Starts PgBouncer on a free port of loopback, with its default settings but for the pool mode and who may come: what
 * Longshore needs of it, it needs without further settings. Throws Error with PgBouncer's own words when it does not start.
 */
export const startPooler = async (options: PoolerOptions): Promise<Pooler> => {
  const program = findPgBouncer();
  if (program === undefined) throw new Error('PgBouncer is not installed: apt-get install pgbouncer');
  const folder = mkdtempSync(join(tmpdir(), 'longshore-pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await findFreePort();
  writeFileSync(join(folder, 'users.txt'), renderUsers(options.logins));
  writeFileSync(join(folder, 'pgbouncer.ini'), renderSettings(options, folder, port));
  const child = spawnTied(program, join(folder, 'pgbouncer.ini'));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.ref();
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilUp(child);
    // Once it is up, it keeps nobody's event loop alive.
    for (const handle of [child, child.stdin, child.stderr]) (handle as unknown as ChildProcess).unref();
  } catch (error) {
    await stop();
    throw error;
  }
  const urlFor = (url: string): string => {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(port);
    return changed.href;
  };
  return { urlFor, stop };
};

const renderUsers = (logins: PoolerOptions['logins']): string =>
  logins.map(({ login, password }) => `"${login}" "${password}"\n`).join('');

const renderSettings = ({ serverUrl, poolSize }: PoolerOptions, folder: string, port: number): string => {
  const { hostname, port: serverPort } = new URL(serverUrl);
  return [
    '[databases]',
    `* = host=${hostname} port=${serverPort || 5432}`,
    '[pgbouncer]',
    'pool_mode = transaction',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${join(folder, 'users.txt')}`,
    `default_pool_size = ${poolSize}`,
    'max_client_conn = 500',
    '',
  ].join('\n');
};

type PoolerProcess = ChildProcessByStdio<Writable, null, Readable>;

/** The shell ends it when our end of the pipe closes, even if this process is killed. PgBouncer refuses to run as root. */
const spawnTied = (program: string, settings: string): PoolerProcess => {
  const account = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const script = '"$@" & pid=$!; cat > /dev/null; kill $pid; wait $pid';
  return spawn('sh', ['-c', script, 'sh', program, ...account, settings], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
};

/** Goes on reading what it logs: a full pipe would block it. */
const untilUp = (child: PoolerProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes('process up')) resolve();
      if (/FATAL/.test(log)) reject(new Error(`PgBouncer did not start:\n${log}`));
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PgBouncer ended:\n${log}`)));
  });

const findFreePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
